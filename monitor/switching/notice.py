"""What the crontab says and nobody has noted: hand edits, and pauses that are over."""

import logging
import time
from datetime import datetime

from accounts.models import User
from monitor.crontab import lines, remark
from monitor.crontab.errors import CrontabError
from monitor.crontab.lines import Found
from monitor.crontab.remark import Remark
from monitor.models import Job, Switch
from monitor.switching.switch import MENDED, last, turn, write_edit, write_off, write_on

logger = logging.getLogger(__name__)

BY_HAND = "hand edit"
BY_TIME = "end of the pause"
OVER = "The pause is over."
EDITED = "Its line was changed by hand: "
# A schedule that is being saved has its row a moment before its line.
SETTLED_SECONDS = 1.0


def notice(at: datetime) -> None:
    """Write down each difference between the crontab and the switch that held last."""
    if not _differing():
        return
    time.sleep(SETTLED_SECONDS)
    # Whoever is switching just now writes it down himself.
    with turn(wait=0) as held:
        for slug, found in _differing().items() if held else ():
            _note(slug, found, last(slug), at)


def wake(at: datetime) -> None:
    """Switch on again what was paused until now."""
    with turn(wait=0) as held:
        for slug, found in _found().items() if held else ():
            until = found.remark.until if found.remark else None
            if until and until <= at:
                _wake(slug, at)


def _wake(slug: str, at: datetime) -> None:
    try:
        lines.put_on(slug)
    except CrontabError as error:
        # The next minute tries again.
        logger.warning("The pause of %s could not be ended: %s", slug, error)
        return
    write_on(slug, BY_TIME, at=at, reason=OVER)


def _found() -> dict[str, Found]:
    try:
        return lines.found()
    except CrontabError as error:
        logger.warning("The crontab could not be read: %s", error)
        return {}


def _differing() -> dict[str, Found]:
    return {slug: found for slug, found in _found().items() if _differs(slug, found)}


def _differs(slug: str, found: Found) -> bool:
    switch = last(slug)
    if found.state == "missing" and switch is None:
        # One that came with a new version of the site is yet to be entered.
        return not Job.objects.filter(slug=slug, built_in=True).exists()
    was_on = switch is None or switch.on
    if found.state == "edited":
        return not was_on or switch is None or switch.reason != _edited(found)
    if found.state == "on":
        return not was_on or (switch is not None and switch.reason.startswith(EDITED))
    return was_on or _is_other_pause(found.remark, switch)


def _is_other_pause(paused: Remark | None, switch: Switch | None) -> bool:
    """A pause that is not the noted one, or that ends at another time."""
    if paused is None or switch is None:
        return False
    until = switch.until and switch.until.replace(second=0, microsecond=0)
    return paused.until != until


def _note(slug: str, found: Found, switch: Switch | None, at: datetime) -> None:
    paused = found.remark and found.remark.cleaned()
    if found.state == "on" and _was_to_end(switch, at):
        write_on(slug, BY_TIME, at=at, reason=OVER)
    elif found.state in ("on", "edited"):
        _note_edit(slug, found, at, on=True)
    elif paused and (who := _number(paused.who)):
        # The line is older than its row where the process died between the two.
        when = min(at, max(paused.at, switch.at if switch else paused.at))
        write_off(slug, who, at=when, until=paused.until, reason=paused.reason)
    else:
        _note_edit(slug, found, at, on=False)


def _was_to_end(switch: Switch | None, at: datetime) -> bool:
    """Whether it is on because its pause was over, and nobody lived to write it."""
    return bool(switch and not switch.on and switch.until and switch.until <= at)


def _note_edit(slug: str, found: Found, at: datetime, *, on: bool) -> None:
    reason = _reason(found)
    until = found.remark.until if found.remark else None
    write_edit(slug, BY_HAND, at=at, on=on, reason=reason, until=until)


def _reason(found: Found) -> str:
    if found.remark:
        return found.remark.cleaned().reason
    return {
        "on": MENDED,
        "edited": _edited(found),
        "off": "Its line was made a comment by hand.",
        "missing": "Its line is gone from the crontab.",
    }[found.state]


def _edited(found: Found) -> str:
    # As a database can hold it, whatever bytes somebody's editor wrote.
    return remark.plain(f"{EDITED}{found.line}", remark.LONGEST_REASON)


def _number(name: str) -> str:
    pk = User.objects.filter(username=name).values_list("pk", flat=True).first()
    return "" if pk is None else str(pk)
