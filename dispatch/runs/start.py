"""Start a run of a schedule, or put on record why it was refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.timezone import now

from accounts.models import User
from dispatch.models import Run, Schedule, Slot
from dispatch.slots import take, words
from monitor import crash, logs
from monitor.events import record
from monitor.models import Skip
from monitor.work import State

# Each time somebody else was first, and has ended meanwhile.
_LOOKS = 5
# By MariaDB's numbers: it waited too long for a lock, or two waited for each other.
_COLLIDED = (1205, 1213)
# Slots whose turn has come: refused, they wait on.
_WAITED = (Run.Trigger.WAITED, Run.Trigger.CATCH_UP)


@dataclass(frozen=True)
class _Wanted:
    """A start as it was asked for."""

    schedule: Schedule
    trigger: Run.Trigger
    by: User | None
    slot_at: datetime | None
    beside_slots: bool
    at: datetime

    def run(self, **values: Any) -> Run:
        return Run.objects.create(
            schedule=self.schedule,
            trigger=self.trigger,
            by=self.by,
            sent_at=self.at,
            request_id=logs.request_id.get(),
            **values,
        )


def start(
    schedule: Schedule,
    *,
    trigger: Run.Trigger,
    by: User | None = None,
    slot_at: datetime | None = None,
    now_anyway: bool = False,
    at: datetime | None = None,
) -> Run:
    """Make the run that serves the youngest slot; with `now_anyway` one without.

    What is refused is a run too: skipped, with the reason. Whoever called brings a
    queued one to its work, by executing or sending it.
    """
    wanted = _Wanted(schedule, trigger, by, slot_at, now_anyway, at or now())
    for _ in range(_LOOKS - 1):
        try:
            return _attempt(wanted)
        except IntegrityError:
            continue  # another start was first in this very moment: look again
        except OperationalError as error:
            if not error.args or error.args[0] not in _COLLIDED:
                raise
    return _attempt(wanted)


def _attempt(wanted: _Wanted) -> Run:
    with transaction.atomic():
        slot = None
        if not wanted.beside_slots:
            slot = take.take(wanted.schedule, wanted.at, wanted.slot_at)
            crash.at("start.slot")
        run = _refuse(wanted, slot) or wanted.run(slot=slot)
        if slot and run.state == State.QUEUED:
            take.served(slot, run)
    crash.at("start.run")
    return run


def _refuse(wanted: _Wanted, slot: Slot | None) -> Run | None:
    """The record of a start that must not be; None if it may."""
    if slot is None and not wanted.beside_slots:
        return _skipped(
            wanted, None, "Nothing is due: its last slot is served already."
        )
    if slot and (skip := _left_out(wanted.schedule, slot)):
        take.skip(slot, skip)
        return _skipped(wanted, slot, words.left_out(skip))
    other = wanted.schedule.runs.filter(open=True).first()
    if other is None:
        return None
    if slot:
        take.refuse(slot, other, waited=wanted.trigger in _WAITED)
    return _skipped(wanted, slot, words.was_open(other))


def _skipped(wanted: _Wanted, slot: Slot | None, reason: str) -> Run:
    run = wanted.run(
        slot=slot,
        state=State.SKIPPED,
        open=None,
        reason=reason[:500],
        finished_at=wanted.at,
    )
    run.count_end(State.SKIPPED)
    record(
        "run.skipped",
        about=str(run),
        who=wanted.by,
        schedule=wanted.schedule.slug,
        slot=slot and slot.at,
        reason=reason,
    )
    return run


def _left_out(schedule: Schedule, slot: Slot) -> Skip | None:
    return Skip.objects.filter(job=schedule.job, slot=slot.at).first()
