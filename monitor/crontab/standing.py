"""How the crontab stands: the line of each job, or what keeps one from knowing it."""

import shlex
from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings

from monitor.crontab import lines, place
from monitor.crontab.command import interpreter
from monitor.crontab.lines import CrontabError, Found


class Crontab(NamedTuple):
    """What stands in the crontab, or why it cannot be read."""

    found: Mapping[str, Found]
    problem: str = ""
    # What somebody must do before a clock knows of any line.
    command: str = ""
    # The lines are there, but what looks after them is not; and what brings it back.
    halted: str = ""
    remedy: str = ""


def crontab() -> Crontab:
    """The line of each job as it is now."""
    try:
        found = lines.found()
    except CrontabError as error:
        return Crontab({}, problem=str(error))
    if not found and not lines.is_entered():
        return Crontab(found, command=_install())
    # The site's own clock puts its tick back by itself.
    by_host = settings.PULSAR.scheduler.mode == "host"
    if by_host and (halted := place.problem()):
        return Crontab(found, halted=halted, remedy=_install())
    return Crontab(found)


def _install() -> str:
    manage = settings.BASE_DIR / "manage.py"
    words = [interpreter(), manage, "--config", settings.CONFIG_FILE, "cron_install"]
    return shlex.join(map(str, words))
