"""A schedule's slots one by one, the newest first, page after page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from dispatch.models import Run, Schedule, Slot
from dispatch.slots.looks import OF, Look
from dispatch.slots.strip import midnight

# Days and moments that a page can be asked for; beyond them nothing was planned.
FIRST, LAST = date(1971, 1, 1), date(2199, 12, 31)


class BadMoment(ValueError):
    """An address names a moment that cannot be."""


class _Day(forms.DateInput):
    input_type = "date"


class SlotFilter(forms.Form):
    """Which of the slots to show."""

    outcome = forms.ChoiceField(
        choices=[("", "any outcome"), *Slot.Outcome.choices], required=False
    )
    day = forms.DateField(required=False, widget=_Day(format="%Y-%m-%d"))

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and not FIRST <= day <= LAST:
            raise forms.ValidationError("No schedule has slots on this day.")
        return day


@dataclass(frozen=True)
class Wanted:
    """Which slots somebody wants to see; what is empty does not matter."""

    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def asked(
        cls, form: SlotFilter, address: Mapping[str, str], zone: tzinfo
    ) -> "Wanted":
        """The hour that a cell of the strip names, or else the form's day."""
        outcome, day = form.cleaned_data["outcome"], form.cleaned_data["day"]
        if day:
            after = day + timedelta(days=1)
            return cls(outcome, midnight(day, zone), midnight(after, zone))
        return cls(outcome, moment(address, "since"), moment(address, "until"))

    def among(self, slots: QuerySet[Slot]) -> QuerySet[Slot]:
        """Those of the slots that are wanted."""
        if self.outcome:
            slots = slots.filter(outcome=self.outcome)
        if self.since:
            slots = slots.filter(at__gte=self.since)
        return slots.filter(at__lt=self.until) if self.until else slots


class Line(NamedTuple):
    """One slot, how it looks, and the runs that served or were refused it."""

    slot: Slot
    look: Look
    runs: list[Run]


class Page(NamedTuple):
    """Some slots, and the moment before which the next ones lie."""

    lines: list[Line]
    older: str


def page(
    schedule: Schedule, wanted: Wanted, before: datetime | None, size: int
) -> Page:
    """The newest of what is wanted, or the newest before a moment."""
    slots = wanted.among(with_runs(schedule))
    if before:
        slots = slots.filter(at__lt=before)
    found = list(slots.order_by("-at")[: size + 1])
    shown = found[:size]
    older = _named(shown[-1].at) if len(found) > size else ""
    return Page([line(slot) for slot in shown], older)


def with_runs(schedule: Schedule) -> QuerySet[Slot]:
    """All of them, each with what it takes to be a line."""
    return schedule.slots.select_related("run").prefetch_related("runs")


def line(slot: Slot) -> Line:
    """One of them."""
    runs = {run.pk: run for run in slot.runs.all()}
    if slot.run:
        runs[slot.run.pk] = slot.run
    return Line(slot, OF[slot.outcome], [runs[pk] for pk in sorted(runs)])


def moment(address: Mapping[str, str], name: str) -> datetime | None:
    """A moment that stands in the address; raises BadMoment."""
    text = address.get(name, "")
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError as error:
        raise BadMoment(text) from error
    if found is None or found.tzinfo is None or not FIRST <= found.date() <= LAST:
        raise BadMoment(text)
    return found


def _named(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
