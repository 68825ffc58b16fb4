"""What the schedules did in a night: their slots, and how the runs ended."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    QuerySet,
)
from django.urls import reverse

from dispatch.models import Run, Schedule, Slot
from dispatch.slots import looks
from monitor.report.night import Night
from monitor.report.sections import (
    Cell,
    Need,
    Row,
    Section,
    Table,
    count,
    few,
)
from monitor.work import State

SHOWN = 8
_COUNTED = (
    Slot.Outcome.RAN,
    Slot.Outcome.LATE,
    Slot.Outcome.MISSED,
    Slot.Outcome.SKIPPED,
)
_NUMBERS = ("Slots", *(outcome.label for outcome in _COUNTED))
_RUNS = ("Well", "Failed", "Longest")
_HEAD = ("Schedule", *_NUMBERS, *_RUNS)
_BAD = frozenset({Slot.Outcome.MISSED})
_TOOK = ExpressionWrapper(F("finished_at") - F("started_at"), DurationField())


@dataclass
class _Did:
    """One schedule: how many slots of each outcome, and how its runs ended."""

    schedule: Schedule
    slots: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    # The run that ended last, if it failed.
    failed: Run | None = None

    @property
    def expected(self) -> int:
        """Slots at which it should have run: while it was paused, at none."""
        return self.slots.total() - self.slots[Slot.Outcome.PAUSED]

    @property
    def trouble(self) -> int:
        return self.slots[Slot.Outcome.MISSED] + self.runs[State.FAILED]


def runs(night: Night) -> Section:
    """All schedules in figures, the troubled first."""
    did = sorted(
        _did(night), key=lambda one: (-one.trouble, one.schedule.name, one.schedule.pk)
    )
    shown, more = few(did, SHOWN, "schedules")
    longest = _longest(night, shown)
    slots = sum((one.slots for one in did), Counter())
    ended = sum((one.runs for one in did), Counter())
    rows = [_row(one, longest.get(one.schedule.pk)) for one in shown]
    return Section(
        "Runs",
        f"{reverse('dispatch:runs')}?{_days(night)}",
        told=_told(ended),
        needs=tuple(need for one in did for need in _needs(one)),
        facts=_facts(ended, slots, did),
        table=Table(_HEAD, rows, frozenset(_HEAD[1:]), more) if rows else None,
        note=_note(slots),
        empty="No schedule was due, and nobody started a run.",
    )


def _did(night: Night) -> Iterable[_Did]:
    slots, runs = list(_slots(night)), list(_runs(night))
    numbers = {row["schedule"] for row in (*slots, *runs)}
    schedules = Schedule.objects.filter(pk__in=numbers)
    found = {schedule.pk: _Did(schedule) for schedule in schedules}
    for row in slots:
        found[row["schedule"]].slots[row["outcome"]] = row["n"]
    for row in runs:
        found[row["schedule"]].runs[row["state"]] = row["n"]
    for run in _last_failed(runs):
        found[run.schedule_id].failed = run
    return found.values()


def _slots(night: Night) -> Iterable[dict[str, Any]]:
    # All outcomes by name: the index begins with them.
    between = Slot.objects.filter(
        outcome__in=Slot.Outcome.values, at__gte=night.since, at__lt=night.until
    )
    return between.order_by().values("schedule", "outcome").annotate(n=Count("pk"))


def _runs(night: Night) -> Iterable[dict[str, Any]]:
    by_state = _begun(night).values("schedule", "state")
    return by_state.annotate(n=Count("pk"), last=Max("pk"))


def _last_failed(runs: Iterable[dict[str, Any]]) -> QuerySet[Run]:
    """The last run of each schedule that had come to an end, where that was bad."""
    last: dict[int, dict[str, Any]] = {}
    for row in runs:
        before = last.get(row["schedule"])
        is_later = before is None or row["last"] > before["last"]
        if row["state"] in (State.SUCCESS, State.FAILED) and is_later:
            last[row["schedule"]] = row
    failed = [row["last"] for row in last.values() if row["state"] == State.FAILED]
    return Run.objects.filter(pk__in=failed)


def _longest(night: Night, shown: Iterable[_Did]) -> dict[int, timedelta]:
    """What the longest run of each of these took."""
    mine = _begun(night).filter(schedule__in=[one.schedule for one in shown])
    took = mine.values("schedule").annotate(longest=Max(_TOOK))
    return {row["schedule"]: row["longest"] for row in took}


def _begun(night: Night) -> QuerySet[Run]:
    """Runs asked for in this night; starts that were refused are no runs."""
    between = Run.objects.filter(
        created_at__gte=night.since, created_at__lt=night.until
    )
    return between.exclude(state=State.SKIPPED).order_by()


def _row(one: _Did, longest: timedelta | None) -> Row:
    schedule = one.schedule
    name = schedule.name if schedule.live else f"{schedule.name} (removed)"
    url = schedule.get_absolute_url() if schedule.live else ""
    failed = one.runs[State.FAILED]
    return (
        Cell(name, url),
        Cell(one.expected),
        *(
            Cell(one.slots[outcome], is_bad=outcome in _BAD and one.slots[outcome] > 0)
            for outcome in _COUNTED
        ),
        Cell(one.runs[State.SUCCESS]),
        Cell(failed, is_bad=failed > 0),
        Cell(longest),
    )


def _needs(one: _Did) -> Iterable[Need]:
    """A schedule whose last run failed, or of which slots were never served."""
    schedule = one.schedule
    if not schedule.live:
        return
    if one.failed:
        reason = one.failed.reason.rstrip(".") or "it says no reason"
        yield Need(f"{schedule.name} fails: {reason}", one.failed.get_absolute_url())
    if missed := one.slots[Slot.Outcome.MISSED]:
        slots = reverse("dispatch:slots", args=[schedule.slug])
        yield Need(f"{schedule.name} missed {count(missed, 'slot')}", slots)


def _told(ended: Counter[str]) -> str:
    n, failed = ended.total(), ended[State.FAILED]
    if not n:
        return "no runs"
    # A run that is still at work is not yet well.
    well = ended[State.SUCCESS] == n
    how = "all well" if well else f"{failed} failed" if failed else "none failed"
    return f"{count(n, 'run')}, {how}"


def _facts(
    ended: Counter[str], slots: Counter[str], did: list[_Did]
) -> tuple[tuple[str, int], ...]:
    if not did:
        return ()
    return (
        ("Runs", ended.total()),
        ("Well", ended[State.SUCCESS]),
        ("Failed", ended[State.FAILED]),
        ("Slots", sum(one.expected for one in did)),
        ("Missed", slots[Slot.Outcome.MISSED]),
    )


def _note(slots: Counter[str]) -> str:
    """The outcomes for which the table has no column."""
    others = {
        outcome: n for outcome, n in slots.items() if outcome not in set(_COUNTED)
    }
    said = looks.said(others)
    return f"Besides: {said}." if said else ""


def _days(night: Night) -> str:
    """The days that it touches, for the filter of the page of runs."""
    return urlencode({"since": night.since.date(), "until": night.until.date()})
