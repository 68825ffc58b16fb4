"""Where this site's block is: the embedded clock's file or the host's crontab."""

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from monitor.crontab import block, entries
from monitor.crontab.change import Change
from monitor.crontab.errors import CrontabError, NotEntered
from monitor.crontab.table import File, Program, Table, alone, install

logger = logging.getLogger(__name__)

NOT_THERE = (
    "The host's crontab does not hold this site's lines: "
    "manage.py cron_install puts them there."
)


def is_entered() -> bool:
    """Whether the clock of this site knows of our lines."""
    try:
        return text() is not None
    except CrontabError as error:
        logger.warning("%s", error)
        return False


def problem() -> str:
    """Why nothing keeps time where the host's cron should; nothing where it does."""
    try:
        ours = text()
    except CrontabError as error:
        return str(error)
    if ours is None:
        return "Nothing keeps time: the host's crontab does not hold this site's lines."
    if not entries.tick(ours):
        return "Nothing keeps time: the line of the tick is off in the host's crontab."
    return ""


def text() -> str | None:
    """Our block as the clock has it; None where the host's crontab has none."""
    return _ours(table().read())


def table() -> Table:
    """The table of the clock that keeps time here."""
    return Program.found() if is_host() else File(file())


def file() -> Path:
    """Where the embedded clock has its block."""
    return storage() / "crontab"


def changed(new: Callable[[str], str]) -> Change:
    """The table as it is, and as `change` would leave it."""
    was = table().read()
    before = _ours(was)
    if before is None:
        raise NotEntered(NOT_THERE)
    return Change(was, _with(was, new(before)))


def change(new: Callable[[str], str]) -> None:
    """Replace our block by what is made of it, and nothing else; or CrontabError."""
    place = table()
    with alone(storage()):
        was = place.read()
        before = _ours(was)
        if before is None:
            raise NotEntered(NOT_THERE)
        after = new(before)
        if after != before:
            install(place, _with(was, after), was)


def storage() -> Path:
    """The folder whose name our block bears, and where the lock is."""
    root: Path = settings.PULSAR.storage.root
    return root


def is_host() -> bool:
    """Whether the host's cron keeps time, and not a clock of our own."""
    return bool(settings.PULSAR.scheduler.mode == "host")


def _ours(whole: bytes) -> str | None:
    return block.find(whole, storage()) if is_host() else block.decoded(whole)


def _with(whole: bytes, ours: str) -> bytes:
    return block.put(whole, storage(), ours) if is_host() else block.encoded(ours)
