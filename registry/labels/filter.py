"""What people fill in to find labels, and to freeze them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone

from registry.labels.filed import filed_people, filed_surveys
from registry.models import Label
from registry.models.label import LabelQuerySet, Word


class _Day(forms.DateInput):
    input_type = "date"


class LabelFilter(forms.Form):
    """Which labels are wanted; what is left empty asks nothing."""

    survey = forms.ChoiceField(required=False)
    person = forms.ChoiceField(required=False)
    since = forms.DateField(
        required=False, label="From", widget=_Day(format="%Y-%m-%d")
    )
    until = forms.DateField(required=False, label="To", widget=_Day(format="%Y-%m-%d"))
    verdict = forms.MultipleChoiceField(
        required=False,
        label="Label",
        choices=[(word.value, word.value) for word in Word],
        widget=forms.CheckboxSelectMultiple,
    )
    drawn = forms.MultipleChoiceField(
        required=False,
        label="How drawn",
        choices=Label.Drawn.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("survey", [(survey, survey) for survey in filed_surveys()])
        self._offer("person", [(str(pk), name) for pk, name in filed_people()])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first day.")
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """What `fitting` takes; days begin and end in the viewer's zone."""
        cleaned = self.cleaned_data
        return {
            "surveys": [cleaned["survey"]] if cleaned["survey"] else [],
            "people": [int(cleaned["person"])] if cleaned["person"] else [],
            "verdicts": cleaned["verdict"],
            "drawn": cleaned["drawn"],
            "since": _start(cleaned["since"], 0),
            "until": _start(cleaned["until"], 1),
        }

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = [("", "any"), *choices]


class LabelsForm(LabelFilter):
    """Which labels a page is to show: those that hold, or the others."""

    gone = forms.BooleanField(required=False, label="Withdrawn and replaced ones")

    def labels(self) -> LabelQuerySet:
        """Those that were asked for."""
        labels = Label.objects.all()
        shown = labels.gone() if self.cleaned_data["gone"] else labels.current()
        return shown.fitting(**self.wanted())


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
