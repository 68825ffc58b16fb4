"""What an admin fills in to make a dataset: of a file, or of another and labels."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms

from pulsar_ml.datasets import remedies, treatments
from pulsar_ml.datasets.options import Option
from pulsar_ml.errors import BadInput
from registry.datasets.bring_in import HTRU2
from registry.labels.filter import LabelFilter
from registry.models import Dataset

# Which treatments can be put in, and how often each; their order is filled in.
_SLOTS = (
    "weak",
    "conflicts",
    "deduplicate",
    "nulls",
    "ranges",
    "ranges",
    "ranges",
    "weights",
)
_MOST_STEPS = 20
# Where nobody says which treatments.
OFFERED = tuple(step["name"] for step in treatments.offered())


class ImportForm(forms.Form):
    """A labelled table, and what was observed of its rows; or a preset."""

    file = forms.FileField(required=False, allow_empty_file=True)
    observations = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="Observations",
        help_text="Optional: a CSV with the columns row (0 is the first) and "
        "pointing_utc, and what else was noted, such as candidate and beam.",
    )
    name = forms.CharField(
        required=False,
        max_length=100,
        help_text="What people call the dataset; without one, the file's name.",
    )
    preset = forms.ChoiceField(required=False, choices=[(HTRU2, "HTRU2")])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned["file"] and not cleaned["preset"]:
            self.add_error("file", "Choose a file.")
        return cleaned


class StepForm(forms.Form):
    """One treatment: at which place of the order, and what it is told."""

    place = forms.IntegerField(
        required=False, min_value=1, max_value=_MOST_STEPS, label="Step"
    )

    def __init__(self, treatment: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.treatment = treatment
        self.words = remedies.TREATMENTS[treatment].words
        for option in remedies.TREATMENTS[treatment].options:
            self.fields[option.name] = _field(option)
        self.fields["place"].widget.attrs["aria-label"] = f"Step: {self.words}"

    def options(self) -> list[forms.BoundField]:
        """What it can be told."""
        return [self[name] for name in self.fields if name != "place"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and cleaned["place"]:
            self._check(cleaned)
        return cleaned

    def _check(self, cleaned: Mapping[str, Any]) -> None:
        for option in remedies.TREATMENTS[self.treatment].options:
            is_open = option.kind in {"word", "words"} and not option.choices
            if is_open and not cleaned[option.name]:
                self.add_error(option.name, "Say which.")
        try:
            treatments.step(self.treatment, self._told(cleaned))
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def step(self) -> dict[str, Any]:
        """As recipes have it."""
        return treatments.step(self.treatment, self._told(self.cleaned_data))

    def _told(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in cleaned.items() if name != "place"}


class FreezeForm(LabelFilter):
    """From which dataset, with which labels, through which treatments."""

    parent = forms.ModelChoiceField(
        Dataset.objects.order_by("-number"),
        to_field_name="number",
        empty_label=None,
        label="Dataset",
    )
    name = forms.CharField(
        required=False,
        max_length=100,
        help_text="What people call the new one; without a name, that of the old one.",
    )
    take = forms.ChoiceField(
        choices=[
            ("none", "none: the rows of the dataset alone"),
            ("chosen", "those that hold, and that are chosen here"),
        ],
        initial="none",
        widget=forms.RadioSelect,
        label="Labels",
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        parent = self.fields["parent"]
        parent.label_from_instance = _called  # type: ignore[attr-defined]
        self.steps = [
            StepForm(name, data, prefix=f"step{n}", initial={"place": _place(n)})
            for n, name in enumerate(_SLOTS)
        ]

    def is_valid(self) -> bool:
        # Each is asked, so that all that is wrong is said at once.
        return all([super().is_valid(), *(step.is_valid() for step in self.steps)])

    def labels(self) -> dict[str, Any] | None:
        """Which labels; None for none at all."""
        return self.wanted() if self.cleaned_data["take"] == "chosen" else None

    def order(self) -> list[dict[str, Any]]:
        """The treatments in their order; of the same place, the upper is first."""
        done = [step for step in self.steps if step.cleaned_data["place"]]
        done.sort(key=lambda step: step.cleaned_data["place"])
        return [step.step() for step in done]


class _Field(NamedTuple):
    """How an option of a treatment is asked for."""

    kind: type[forms.Field]
    more: dict[str, Any]


def _field(option: Option) -> forms.Field:
    kinds = {
        "flag": _Field(forms.BooleanField, {}),
        "number": _Field(forms.FloatField, {}),
        "word": _Field(forms.CharField, {"max_length": 100}),
        "words": _Field(forms.CharField, {"max_length": 500}),
    }
    kind, more = kinds[option.kind]
    initial: Any = option.default
    if option.choices:
        kind, more = forms.ChoiceField, {"choices": [(c, c) for c in option.choices]}
    elif option.kind in {"word", "words"}:
        initial = ""
        more["widget"] = forms.TextInput({"list": "columns", "spellcheck": "false"})
    return kind(label=option.words, required=False, initial=initial, **more)


def _place(slot: int) -> int | None:
    """At which place a treatment is offered."""
    name = _SLOTS[slot]
    return OFFERED.index(name) + 1 if name in OFFERED else None


def _called(dataset: Dataset) -> str:
    return f"{dataset.number}: {dataset.name} ({dataset.n_rows:,} rows)"
