"""What people fill in to find runs."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from dispatch.models import Schedule
from dispatch.runs.listing import Wanted
from monitor.work import State


class _Day(forms.DateInput):
    input_type = "date"


class _Schedules(forms.ModelChoiceField):  # type: ignore[type-arg]  # not at run time
    """Removed ones too: their runs stay."""

    def label_from_instance(self, schedule: Any) -> str:
        return f"{schedule.name}{'' if schedule.live else ' (removed)'}"


class RunFilter(forms.Form):
    """Which runs to show."""

    schedule = _Schedules(
        Schedule.objects.order_by("-live", "name", "slug"),
        required=False,
        empty_label="any",
    )
    state = forms.ChoiceField(
        choices=[("", "any"), *((state, state.label.lower()) for state in State)],
        required=False,
    )
    since = forms.DateField(
        required=False, label="From", widget=_Day(format="%Y-%m-%d")
    )
    until = forms.DateField(required=False, label="To", widget=_Day(format="%Y-%m-%d"))
    reading = forms.BooleanField(required=False, label="Only those that read something")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first day.")
        return cleaned

    def wanted(self) -> Wanted:
        """Days begin and end in the viewer's zone."""
        cleaned = self.cleaned_data
        return Wanted(
            schedule=cleaned["schedule"],
            state=cleaned["state"],
            since=_start(cleaned["since"], 0),
            until=_start(cleaned["until"], 1),
            reading=cleaned["reading"],
        )


def _start(day: date | None, later: int) -> datetime | None:
    """When the day begins, or one that is later; None where there is no such day."""
    if day is None:
        return None
    try:
        midnight = datetime.combine(day + timedelta(days=later), time.min)
        # At the ends of the calendar a zone leads out of it.
        return timezone.make_aware(midnight).astimezone(UTC)
    except OverflowError:
        return None
