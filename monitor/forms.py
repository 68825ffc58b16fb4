"""What people fill in on the Monitor's pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from monitor import people
from monitor.events import KINDS
from monitor.history import Wanted
from monitor.models import Check


class _Moment(forms.DateTimeInput):
    input_type = "datetime-local"


class PauseForm(forms.Form):
    """Why a job is to rest, and until when."""

    reason = forms.CharField(max_length=300, help_text="Others read it here.")
    until = forms.DateTimeField(required=False, widget=_Moment(format="%Y-%m-%dT%H:%M"))

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise forms.ValidationError("This is past.")
        return until


class JobFilter(forms.Form):
    """Which jobs to show."""

    state = forms.ChoiceField(
        choices=[("", "any state"), *Check.State.choices], required=False
    )
    name = forms.CharField(required=False, max_length=64, label="Name has")


class EventFilter(forms.Form):
    """Which events to show."""

    kind = forms.ChoiceField(
        choices=[("", "any kind"), *((kind, kind) for kind in sorted(KINDS))],
        required=False,
    )
    about = forms.CharField(required=False, max_length=200)
    who = forms.CharField(required=False, max_length=150)
    since = forms.DateTimeField(required=False, widget=_Moment(format="%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(required=False, widget=_Moment(format="%Y-%m-%dT%H:%M"))

    def clean_who(self) -> str:
        name: str = self.cleaned_data["who"]
        number = people.number(name) if name else ""
        if name and not number:
            raise forms.ValidationError("Nobody here has this name.")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "This is not after the beginning.")
        return cleaned

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)
