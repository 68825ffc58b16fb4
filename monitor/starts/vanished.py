"""Starts that nobody ended: their process was killed, or went with its machine."""

from datetime import datetime

from django.db import transaction

from monitor.models import Start
from monitor.starts import process
from monitor.starts.sign import sign

VANISHED = "Its process vanished: it was killed, or its machine went down."


def unended() -> list[Start]:
    """Those that say they are at work, the oldest first."""
    return list(Start.objects.filter(ended_at=None).order_by("pk"))


def close(at: datetime) -> list[Start]:
    """End those of this machine whose process is gone; returns those at work."""
    starts = unended()
    mine = [one for one in starts if one.host == process.here()]
    gone = [one for one in mine if not process.alive(one)]
    for start in gone:
        _close(start, at)
    return [one for one in starts if one not in gone]


def _close(start: Start, at: datetime) -> None:
    # It may have ended, and said so, since its row was read.
    still = Start.objects.filter(pk=start.pk, ended_at=None)
    failed = Start.Outcome.FAILED
    with transaction.atomic():
        if still.update(ended_at=at, outcome=failed, detail=VANISHED):
            sign(start.job, VANISHED, None, failing=True)
