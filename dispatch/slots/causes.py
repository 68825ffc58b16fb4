"""Why nothing started a slot: it was switched off, overlapped, left out or missed."""

from bisect import bisect_right
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from dispatch.models import Run, Schedule, Slot
from dispatch.slots import words
from dispatch.slots.signs import Signs
from monitor.models import Skip, Switch
from monitor.switching import switch
from monitor.work import State


class Cause(NamedTuple):
    """What became of a slot, and what proves it."""

    outcome: Slot.Outcome
    evidence: str


class _Switched(NamedTuple):
    at: datetime
    # The words for it; empty when it was switched on.
    paused: str


class Causes:
    """The causes of a schedule's slots in some stretch of time, read once for all."""

    def __init__(self, schedule: Schedule, since: datetime, at: datetime) -> None:
        forbids = schedule.concurrency == Schedule.Concurrency.FORBID
        # The embedded clock starts no line whose last process is still at it.
        self.overlapped = Slot.Outcome.SKIPPED if forbids else Slot.Outcome.WAITING
        self.signs = Signs(since, at)
        self.switches = _switches(schedule.job, since, at)
        self.runs = _runs(schedule, since, at)
        skips = Skip.objects.filter(job=schedule.job, slot__gte=since, slot__lte=at)
        self.skips = {skip.slot: skip for skip in skips}

    def of(self, slot_at: datetime) -> Cause:
        """What became of the slot of this moment."""
        if skip := self.skips.get(slot_at):
            return Cause(Slot.Outcome.SKIPPED, words.left_out(skip))
        place = bisect_right(self.switches, slot_at, key=lambda switched: switched.at)
        if place and (paused := self.switches[place - 1].paused):
            return Cause(Slot.Outcome.PAUSED, paused)
        if run := self._open(slot_at):
            return Cause(self.overlapped, words.was_open(run))
        return Cause(Slot.Outcome.MISSED, self.signs.at_slot(slot_at))

    def _open(self, slot_at: datetime) -> Run | None:
        # One at a time is open: only the last that began can be.
        place = bisect_right(self.runs, slot_at, key=lambda run: run.created_at)
        run = self.runs[place - 1] if place else None
        if run and (run.finished_at is None or run.finished_at > slot_at):
            return run
        return None


def _switches(job: str, since: datetime, at: datetime) -> list[_Switched]:
    first = switch.last(job, since)
    later = Switch.objects.filter(job=job, at__gt=since, at__lte=at)
    rows = [*([first] if first else []), *later.order_by("at", "pk")]
    return [_Switched(row.at, "" if row.on else words.paused(row)) for row in rows]


def _runs(schedule: Schedule, since: datetime, at: datetime) -> list[Run]:
    still = Q(finished_at=None) | Q(finished_at__gt=since)
    runs = schedule.runs.filter(still, created_at__lte=at)
    return list(runs.exclude(state=State.SKIPPED).order_by("created_at", "pk"))
