"""Slots that wait are started one at a time, the oldest first."""

import logging
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q

from dispatch.models import Run, Schedule, Slot
from dispatch.runs.start import start
from monitor.send import send
from monitor.switching import switch
from monitor.work import State

logger = logging.getLogger(__name__)


def start_waiting(at: datetime, schedule: Schedule | None = None) -> list[Run]:
    """Start what waits longest of each schedule that is on and has no open run."""
    begun = Run.objects.filter(schedule=OuterRef("schedule"), open=True)
    waiting = Slot.objects.filter(
        ~Exists(begun), outcome=Slot.Outcome.WAITING, schedule__live=True
    )
    if schedule is not None:
        waiting = waiting.filter(schedule=schedule)
    oldest = waiting.order_by("schedule").values("schedule").annotate(Min("at"))
    runs = (_start(row["schedule"], row["at__min"], at) for row in oldest)
    return [run for run in runs if run is not None]


def _start(number: int, slot_at: datetime, at: datetime) -> Run | None:
    """Start one slot; whatever becomes of it, those of other schedules go on."""
    schedule = Schedule.objects.get(pk=number)
    try:
        last = switch.last(schedule.job, at)
        if last is not None and not last.on:
            return None
        trigger = _trigger(schedule, slot_at)
        run = start(schedule, trigger=trigger, slot_at=slot_at, at=at)
        if run.state == State.QUEUED:
            send(run)
    # The door of one schedule, whose folder may be gone.
    except Exception:
        logger.exception("The slot %s of %s cannot start", slot_at, schedule)
        return None
    return run


def _trigger(schedule: Schedule, slot_at: datetime) -> Run.Trigger:
    """A slot of which a run was in the way has waited; others were missed."""
    refused = Q(slot__at=slot_at, state=State.SKIPPED)
    open_then = Q(created_at__lte=slot_at, finished_at__gt=slot_at)
    in_the_way = refused | open_then & ~Q(state=State.SKIPPED)
    waited = schedule.runs.filter(in_the_way).exists()
    return Run.Trigger.WAITED if waited else Run.Trigger.CATCH_UP
