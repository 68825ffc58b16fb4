"""A start takes the slot it serves; the row count says who was first."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from dispatch.errors import DispatchError
from dispatch.models import Run, Schedule, Slot
from dispatch.slots import settle, words
from monitor.clock.cron import clock_zone, occurrences
from monitor.models import Skip
from monitor.work import State

_MINUTE = timedelta(minutes=1)
_Outcome = Slot.Outcome
# What is refused may have been taken a moment before, by the very start.
_UNSERVED = (*Slot.OPEN, _Outcome.RAN, _Outcome.LATE)
# At these nothing should have run.
_EXCUSED = (_Outcome.PAUSED, _Outcome.SKIPPED)


class NoSlot(DispatchError):
    """The moment asked for is none at which the schedule should run."""


def take(
    schedule: Schedule, at: datetime, slot_at: datetime | None = None
) -> Slot | None:
    """The slot that a start at this moment serves; None when it is served already.

    Call it in the transaction that makes the run, and `served` when that is made.
    """
    slot = _exactly(schedule, at, slot_at) if slot_at else _youngest(schedule, at)
    if slot is None:
        return None
    in_time = at - slot.at <= timedelta(seconds=schedule.start_within)
    slot.outcome = _Outcome.RAN if in_time else _Outcome.LATE
    slot.evidence = words.started(slot, at)
    slot.settled_at = at
    return slot if _settle(slot, Slot.OPEN) else None


def served(slot: Slot, run: Run) -> None:
    """Tell the slot its run, and the older ones that this run stands for."""
    slot.run = run
    slot.save(update_fields=["run"])
    # Else it would stand for slots at which nothing should have run.
    settle.excuse(slot.schedule, slot.at, slot.settled_at or run.created_at, _EXCUSED)
    stands = words.run_stands(run, slot)
    _stood_for(slot).update(
        outcome=_Outcome.SUPERSEDED,
        evidence=stands,
        settled_at=slot.settled_at,
        run=run,
    )


def refuse(slot: Slot, run: Run, *, waited: bool = False) -> None:
    """Say of a slot whose start was refused that this run was in the way.

    One that had waited already waits on: nothing but its turn was missed.
    """
    slot.evidence, slot.run = words.was_open(run), None
    queued = slot.schedule.concurrency == Schedule.Concurrency.QUEUE
    if not queued and not waited:
        slot.outcome = _Outcome.SKIPPED
        _settle(slot, _UNSERVED)
        return
    slot.outcome, slot.settled_at = _Outcome.WAITING, None
    if _settle(slot, _UNSERVED) and queued:
        # One waits at a time: its run will serve both.
        _waiting_before(slot).update(
            outcome=_Outcome.SUPERSEDED,
            evidence=words.slot_stands(slot.at),
            settled_at=slot.at,
        )


def skip(slot: Slot, skip: Skip) -> None:
    """Leave out a slot that a person wanted left out."""
    slot.outcome, slot.evidence = _Outcome.SKIPPED, words.left_out(skip)
    _settle(slot, _UNSERVED)


def _stood_for(slot: Slot) -> QuerySet[Slot]:
    """The older ones that a run of this slot serves as well."""
    if slot.schedule.catch_up == Schedule.CatchUp.LAST:
        open_ = (_Outcome.WAITING, _Outcome.DUE)
        return slot.schedule.slots.filter(outcome__in=open_, at__lt=slot.at)
    return _waiting_before(slot)


def _waiting_before(slot: Slot) -> QuerySet[Slot]:
    """The older ones that wait; with "all", each of those missed has its own run."""
    waiting = slot.schedule.slots.filter(outcome=_Outcome.WAITING, at__lt=slot.at)
    if slot.schedule.catch_up == Schedule.CatchUp.ALL:
        return waiting.filter(runs__state=State.SKIPPED)
    return waiting


def _settle(slot: Slot, among: Iterable[str]) -> bool:
    """Write the outcome down, if the slot still has one of these and no run."""
    unserved = Slot.objects.filter(pk=slot.pk, outcome__in=among, run=None)
    settled = unserved.update(
        outcome=slot.outcome, evidence=slot.evidence, settled_at=slot.settled_at
    )
    return settled == 1


def _youngest(schedule: Schedule, at: datetime) -> Slot | None:
    """The last slot up to now, written down by the tick or, before it, by us."""
    moment = _last_expected(schedule, at)
    if moment is not None:
        return _written(schedule, moment)
    return schedule.slots.filter(at__lte=at).order_by("-at").first()


def _last_expected(schedule: Schedule, at: datetime) -> datetime | None:
    """The last occurrence that the ledger does not hold yet; looks back in steps."""
    zone, back = clock_zone(), timedelta(hours=1)
    until = at
    while until > schedule.ledger_until:
        since = max(schedule.ledger_until, until - back)
        if found := list(occurrences(schedule.cron, since, until, zone)):
            return found[-1]
        until, back = since, back * 24
    return None


def _exactly(schedule: Schedule, at: datetime, slot_at: datetime) -> Slot:
    """The slot of this moment, or words why it is none."""
    slot = schedule.slots.filter(at=slot_at).first()
    if slot is not None and slot_at <= at:
        return slot
    named = slot_at.astimezone(UTC).isoformat(timespec="seconds")
    if slot_at > at:
        raise NoSlot(f"{named} is still to come.")
    # Older ones are in the ledger, or were never expected.
    expected = occurrences(schedule.cron, slot_at - _MINUTE, slot_at, clock_zone())
    if slot_at <= schedule.ledger_until or slot_at not in expected:
        raise NoSlot(f"{named} is no slot of {schedule} ({schedule.cron}).")
    return _written(schedule, slot_at)


def _written(schedule: Schedule, at: datetime) -> Slot:
    fold = at.astimezone(clock_zone()).fold
    slot, _ = Slot.objects.get_or_create(
        schedule=schedule, at=at, defaults={"fold": fold}
    )
    return slot
