"""What people can say about themselves."""

from itertools import groupby

from django import forms

from accounts import zones
from accounts.models import Preference, Theme


def _zone_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """UTC first, then every zone that is a place, under its continent."""
    names = sorted(name for name in zones.known() if "/" in name)
    choices: list[tuple[str, str | list[tuple[str, str]]]] = [("UTC", "UTC")]
    for region, members in groupby(names, lambda name: name.partition("/")[0]):
        choices.append((region, [(name, name) for name in members]))
    return choices


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]
    """How one person wants the pages."""

    zone = forms.ChoiceField(
        choices=_zone_choices,
        label="Time zone",
        help_text="For times on pages and in the download of the event log.",
    )
    theme = forms.ChoiceField(choices=Theme, label="Look", widget=forms.RadioSelect)

    class Meta:
        model = Preference
        fields = ("zone", "theme")


class ZoneForm(forms.Form):
    """The zone as the browser knows it."""

    zone = forms.CharField(max_length=64)

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone not in zones.known():
            raise forms.ValidationError(f"{zone} is not a time zone.")
        return zone


class TokenForm(forms.Form):
    """What a new token opens, and for how long."""

    name = forms.CharField(
        max_length=100,
        label="What it is for",
        widget=forms.TextInput({"placeholder": "the pipeline on hercules"}),
    )
    writes = forms.BooleanField(
        required=False,
        label="It may change things too",
        help_text="Without this it reads alone, which suffices to download and watch.",
    )
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        initial=365,
        label="Days until it ends",
        help_text="Left empty, it holds until you revoke it.",
    )
