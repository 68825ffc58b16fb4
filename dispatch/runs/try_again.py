"""A run that failed is tried again, waits for room, or is given up."""

import logging
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import F
from django.utils.timezone import now

from dispatch.errors import NoRoom, NothingUsable
from dispatch.models import Run
from dispatch.runs.beat import counts
from dispatch.runs.end import end, told
from monitor import claims, room
from monitor.events import record
from monitor.probes.scrub import scrub
from monitor.work import State
from pulsar_ml.errors import DatabaseFault
from showroom.models import Batch

logger = logging.getLogger(__name__)

_GOES_ON = "It goes on by itself when there is room."


def try_again(run: Run, error: Exception, *, before: str, n_rows: int) -> None:
    """See to a run that failed by this; `before` and `n_rows` are how it began."""
    # A connection that broke stays broken until it is closed.
    close_old_connections()
    for note in getattr(error, "__notes__", ()):
        # What a process that died has said: for programmers.
        logger.warning("%s", scrub(note))
    if _lacks_room(error):
        reason = f"{room.words(room.PART)} {_GOES_ON}"
        came_further = counts(run).get("n_rows", 0) > n_rows
        # What woke in vain has been waiting all the time.
        _wait(run, reason, is_told=came_further or not before.endswith(_GOES_ON))
    elif _is_for_good(error) or run.tries >= run.schedule.retries:
        end(run, State.FAILED, reason=_plainly(error))
    else:
        after = run.schedule.retry_after(run.tries)
        logger.warning("Failed: %s Tried again in %s.", _plainly(error), after)
        _wait(run, _plainly(error), not_before=now() + after, tries=F("tries") + 1)


def _wait(run: Run, reason: str, *, is_told: bool = True, **changes: Any) -> None:
    with transaction.atomic():
        claims.wait(run, reason=reason, **changes, **counts(run))
        # Nobody works on its batch meanwhile, and its page should not say so.
        Batch.objects.filter(dispatch_run=run.pk, state=State.RUNNING).update(
            state=State.QUEUED, holder="", lease_until=None
        )
        if is_told:
            record(
                "run.waiting",
                about=str(run),
                who=run.by_id,
                reason=reason,
                **told(run),
            )


def _lacks_room(error: Exception) -> bool:
    if isinstance(error, NoRoom):
        return True
    # Full by a measure that we do not have: to wait for more bytes has no end.
    lacking = isinstance(error, OSError) and room.is_lacking(error)
    return lacking and not room.suffices()


def _is_for_good(error: Exception) -> bool:
    """Whether it would fail again however often it is tried: a column is not there."""
    if isinstance(error, DatabaseFault):
        return not error.passing
    return isinstance(error, NothingUsable)


def _plainly(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{str(error.strerror or error).rstrip('.')}."
    if isinstance(error, DatabaseError):
        return f"The database refused: {str(error).rstrip('.')}."
    if isinstance(error, MemoryError):
        return "The machine has too little memory for it."
    return str(error)
