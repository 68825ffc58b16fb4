"""What an admin says of a model from elsewhere."""

from typing import Any

from django import forms
from django.core.validators import validate_slug

from pulsar_ml import artefact
from registry.models import Dataset
from registry.pushing.receive import BY_DATASET, LISTED


class PushForm(forms.Form):
    """The file, and what cannot be seen in it."""

    file = forms.FileField(allow_empty_file=True)
    card = forms.FileField(
        required=False,
        label="Card",
        help_text="Optional, of a bare ONNX: a card.json whose threshold and figures "
        "the model is held against.",
    )
    model = forms.CharField(
        initial="pulsar",
        max_length=60,
        validators=[validate_slug],
        help_text="Whose next version it is to be.",
    )
    dataset = forms.ModelChoiceField(
        Dataset.objects.order_by("-number"),
        to_field_name="number",
        required=False,
        empty_label="the newest",
        help_text="On its hold-out the model is judged; its training rows give a bare "
        "ONNX its ranges. The newest is the newest that has rows enough.",
    )
    threshold = forms.FloatField(
        required=False,
        help_text="From which score on a candidate is called a pulsar. Empty: as its "
        "card says, else chosen on the training rows of the dataset.",
    )
    trained_on = forms.ChoiceField(
        label="Trained on",
        choices=[
            (artefact.UNKNOWN, "unknown rows"),
            (BY_DATASET, "its training side"),
            (LISTED, "a list of rows"),
        ],
        help_text="Versions are compared on rows that neither has learned from. Where "
        "nobody knows them, the gate compares nothing.",
    )
    listed = forms.FileField(
        required=False,
        label="List of rows",
        help_text="Candidate hashes, one a line, also gzipped, as in training.txt.gz.",
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        help_text="Where it comes from, or what else you want to remember.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        called = self.fields["dataset"]
        called.label_from_instance = _called  # type: ignore[attr-defined]

    def clean_threshold(self) -> float | None:
        threshold: float | None = self.cleaned_data["threshold"]
        if threshold is not None and not 0 < threshold < 1:
            raise forms.ValidationError("More than 0 and less than 1.")
        return threshold

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("trained_on") == LISTED and not cleaned.get("listed"):
            self.add_error("listed", "Choose the list.")
        return cleaned


def _called(dataset: Dataset) -> str:
    return f"{dataset.number}: {dataset.name} ({dataset.n_rows:,} rows)"
