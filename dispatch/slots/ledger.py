"""Every moment at which a schedule should run gets its row, once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from dispatch.models import Schedule, Slot
from monitor.clock.cron import clock_zone, occurrences
from monitor.clock.wall import LONGEST_GAP

_Some = TypeVar("_Some")

# A long gap is filled over several calls, so that none of them takes long.
MOST = 10_000
PIECE = 1_000
# So long may a ledger without new slots be left alone.
REST = timedelta(hours=1)


def fill(schedule: Schedule, at: datetime) -> int:
    """Write down the slots up to now that are not there yet; returns how many.

    `schedule.ledger_until` says how far it came; the rest is for the next call.
    """
    if at <= schedule.ledger_until:
        # A clock that was put back makes nothing, unless it had been quite wrong.
        if schedule.ledger_until - at > LONGEST_GAP:
            _take_back(schedule, at)
        return 0
    zone = clock_zone()
    found = list(islice(_coming(schedule, at, zone), MOST))
    until = found[-1] if len(found) == MOST else at
    *first, last = pieces(found) or [[]]
    steps = [(piece, piece[-1]) for piece in first]
    for piece, so_far in [*steps, (last, until)]:
        if not _write(schedule, piece, so_far, zone):
            # Somebody else fills it just now, or has edited the schedule.
            schedule.refresh_from_db(fields=["ledger_until"])
            return 0
    return len(found)


def is_behind(schedule: Schedule, at: datetime) -> bool:
    """Whether filling would do more than move the date of a ledger on."""
    if abs(at - schedule.ledger_until) > REST:
        return True
    return any(True for _ in islice(_coming(schedule, at, clock_zone()), 1))


def close(
    schedule: Schedule, at: datetime, reason: str = "The schedule was removed."
) -> None:
    """Let nothing start what is still open, of a schedule edited or removed."""
    fill(schedule, at)
    still = schedule.slots.filter(outcome__in=(Slot.Outcome.DUE, Slot.Outcome.WAITING))
    still.update(outcome=Slot.Outcome.SUPERSEDED, evidence=reason, settled_at=at)


def pieces(rows: Sequence[_Some]) -> list[Sequence[_Some]]:
    """As many at a time as one transaction should write."""
    return [rows[start : start + PIECE] for start in range(0, len(rows), PIECE)]


def _coming(schedule: Schedule, at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    return iter(occurrences(schedule.cron, schedule.ledger_until, at, zone))


def _write(
    schedule: Schedule, piece: Sequence[datetime], until: datetime, zone: ZoneInfo
) -> bool:
    """Add one piece if the ledger still ends where we saw it end."""
    unchanged = Schedule.objects.live().filter(
        pk=schedule.pk, cron=schedule.cron, ledger_until=schedule.ledger_until
    )
    with transaction.atomic():
        if not unchanged.update(ledger_until=until):
            return False
        # A start may have written its own slot before.
        rows = [
            Slot(schedule=schedule, at=at, fold=at.astimezone(zone).fold)
            for at in piece
        ]
        Slot.objects.bulk_create(rows, ignore_conflicts=True)
    schedule.ledger_until = until
    return True


def _take_back(schedule: Schedule, at: datetime) -> None:
    """Forget what a clock that ran hours ahead has expected and not served."""
    served = (Slot.Outcome.RAN, Slot.Outcome.LATE)
    ahead = schedule.slots.filter(at__gt=at).exclude(outcome__in=served)
    for _ in range(MOST // PIECE):
        some = list(ahead.values_list("pk", flat=True)[:PIECE])
        if not some:
            break
        Slot.objects.filter(pk__in=some).delete()
    else:
        return
    wrong = Schedule.objects.filter(pk=schedule.pk, ledger_until=schedule.ledger_until)
    if wrong.update(ledger_until=at):
        schedule.ledger_until = at
