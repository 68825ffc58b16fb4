"""What people fill in to pause a schedule."""

from datetime import datetime

from django import forms
from django.utils import timezone


class PauseForm(forms.Form):
    """Why a schedule is to rest, and until when."""

    reason = forms.CharField(max_length=300, help_text="Others read it here.")
    until = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
    )

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise forms.ValidationError("This is past.")
        return until
