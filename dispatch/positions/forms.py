"""From where on somebody wants a table to be read again."""

from typing import Any

from django import forms


class RewindForm(forms.Form):
    """A mark or a key; or the first row."""

    whole = forms.BooleanField(required=False, label="From the first row on")
    to = forms.CharField(
        required=False,
        max_length=255,
        label="Or from this value on",
        widget=forms.TextInput({"class": "mono", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if bool(given.get("whole")) == bool(given.get("to")):
            self.add_error("to", "Give a value, or choose the first row.")
        return given
