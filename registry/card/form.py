"""Which threshold to look at."""

from django import forms


class ThresholdForm(forms.Form):
    """Nothing is saved: the address alone knows it."""

    threshold = forms.FloatField(
        label="Threshold",
        min_value=0,
        max_value=1,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def wanted(self) -> float | None:
        """The threshold to look at, or None for the shipped one."""
        found: float | None = self.cleaned_data.get("threshold")
        return found
