"""Which night somebody wants to read about."""

from datetime import datetime

from django import forms

from monitor.report import night
from monitor.report.night import Night


class NightForm(forms.Form):
    """A day; without one, the last 24 hours."""

    date = forms.DateField(
        required=False,
        label="Night that ended on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def night(self, at: datetime) -> Night:
        """What is wanted; NoSuchNight if there is none."""
        day = self.cleaned_data["date"]
        return night.ended_on(day, at) if day else night.lately(at)
