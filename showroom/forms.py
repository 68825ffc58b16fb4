"""What people fill in on the Showroom's pages."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from pulsar_ml import preprocessor
from pulsar_ml.explain import NAMES
from pulsar_ml.features import FEATURES
from registry.models import Model, Version
from showroom.models import Batch
from showroom.verdicts.chosen import agreed, chosen
from showroom.verdicts.fields import Judge, word_field

# What each value is, beside its field: label and help.
_MEANING = {
    "prof_mean": ("Mean", "of the integrated profile"),
    "prof_std": ("Standard deviation", "of the integrated profile"),
    "prof_skew": ("Skewness", "of the integrated profile"),
    "prof_exkurt": ("Excess kurtosis", "of the integrated profile"),
    "dm_mean": ("Mean", "of the DM–S/N curve"),
    "dm_std": ("Standard deviation", "of the DM–S/N curve"),
    "dm_skew": ("Skewness", "of the DM–S/N curve"),
    "dm_exkurt": ("Excess kurtosis", "of the DM–S/N curve"),
}


class _ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class _ManyFiles(forms.FileField):
    widget = _ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if not data:
            raise forms.ValidationError("Choose at least one file.")
        return [super(_ManyFiles, self).clean(file, initial) for file in data]


BLIND = "Nobody sees others' verdicts on a row before having judged it."


class UploadForm(forms.Form):
    """One or many files that become one batch."""

    # The metaclass takes the field away, so that Form.files stays what it was.
    files = _ManyFiles(allow_empty_file=True)  # type: ignore[assignment]
    private = forms.BooleanField(
        required=False, label="Private", help_text="Only you and admins see the batch."
    )
    blind = forms.BooleanField(required=False, label="Blind", help_text=BLIND)

    def clean_files(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["files"]
        most = settings.PULSAR.showroom.max_files
        if len(files) > most:
            raise forms.ValidationError(f"At most {most} files go into one batch.")
        return files


class AgainForm(forms.Form):
    """Which version is to classify the files of a batch again."""

    version = forms.ModelChoiceField(
        Version.objects.ready().filter(model__kind=Model.Kind.CLASSIFIER),
        empty_label=None,
    )
    private = forms.BooleanField(
        required=False, label="Private", help_text="Only you and admins see the batch."
    )
    blind = forms.BooleanField(required=False, label="Blind", help_text=BLIND)

    def offer(self, groups: Mapping[str, Sequence[Version]]) -> None:
        """Show these versions, under the names of their groups."""
        field = cast("forms.ModelChoiceField[Version]", self.fields["version"])
        field.widget.choices = [
            (group, [(version.pk, _called(version)) for version in versions])
            for group, versions in groups.items()
            if versions
        ]


def _called(version: Version) -> str:
    stages = ", ".join(version.stages)
    return f"{version} ({stages})" if stages else str(version)


class CaseForm(forms.Form):
    """The eight values of a single candidate."""

    name = forms.CharField(
        required=False, max_length=255, help_text="Optional; to find it again."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for feature in FEATURES:
            label, help_text = _MEANING[feature]
            self.fields[feature] = forms.FloatField(
                label=label,
                help_text=help_text,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )

    def profile_fields(self) -> list[forms.BoundField]:
        return [self[feature] for feature in FEATURES[:4]]

    def curve_fields(self) -> list[forms.BoundField]:
        return [self[feature] for feature in FEATURES[4:]]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if all(feature in values for feature in FEATURES):
            row = np.array([[values[feature] for feature in FEATURES]])
            for fault in preprocessor.faults(row):
                self.add_error(FEATURES[fault.feature], f"This value {fault.reason}.")
        return values


_AXES = [(feature, f"{name[4].upper()}{name[5:]}") for feature, name in NAMES.items()]


class AxesForm(forms.Form):
    """Which two features are the axes of a picture; each may be left to the site."""

    x = forms.ChoiceField(required=False, choices=_AXES, label="Across")
    y = forms.ChoiceField(required=False, choices=_AXES, label="Upwards")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("x") and values.get("x") == values.get("y"):
            self.add_error("y", "Choose two different features.")
        return values


# A row's place in an order: the value sorted by, and the row's number.
Key = tuple[str | float | None, int]
# What these ask for depends on who asks.
PERSONAL = ("verdict", "judge", "verdicts")
SORTS = ("row", "name", "probability", "predicted", "warnings", *FEATURES)
_TEXTS = ("name", "warnings")


class RowsForm(forms.Form):
    """Which rows of a batch a page or download is to show, and in which order.

    Each feature has a range besides, from `<feature>_from` to `<feature>_to`; without
    a batch nothing is sorted by metadata.
    """

    text = forms.CharField(
        required=False,
        max_length=255,
        label="Name contains",
        help_text="Searches the names alone; capitals do not matter.",
    )
    predicted = forms.ChoiceField(
        required=False,
        label="Class",
        choices=[("", "all"), ("1", "pulsar"), ("0", "not a pulsar")],
    )
    warning = forms.ChoiceField(
        required=False,
        choices=[
            ("", "all"),
            ("none", "none"),
            ("extrapolation", "extrapolation"),
            ("unusual", "unusual"),
        ],
    )
    verdict = word_field(of_rows=True)
    judge = Judge()
    # For downloads: whether they have columns of verdicts.
    verdicts = forms.ChoiceField(
        required=False, choices=[("on", "with verdicts")], widget=forms.HiddenInput
    )
    low = forms.FloatField(required=False, min_value=0, max_value=1, label="Score from")
    high = forms.FloatField(required=False, min_value=0, max_value=1, label="Score to")
    sort = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    after = forms.CharField(required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        batch: Batch | None = None,
        user: User | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.batch, self.user = batch, user
        cast("Judge", self.fields["judge"]).offer(self.data.get("judge", ""))
        metadata = range(len(batch.columns)) if batch else ()
        sorts = [*SORTS, *(f"meta_{place}" for place in metadata)]
        field = cast("forms.ChoiceField", self.fields["sort"])
        field.choices = [(key, key) for name in sorts for key in (name, f"-{name}")]

    def ranges(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Each feature with the fields of its range."""
        ends = {name: range_of(name) for name in FEATURES}
        return [(name, self[low], self[high]) for name, (low, high) in ends.items()]

    def n_ranges(self) -> int:
        """How many features have a range set."""
        given = self.cleaned_data if self.is_valid() else self.data
        unset = {None, ""}
        return sum(
            any(given.get(end) not in unset for end in range_of(name))
            for name in FEATURES
        )

    def crossed(self) -> list[str]:
        """The ranges that nothing can lie in, since they end before they begin."""
        given = self.cleaned_data
        return [
            name
            for name, (low, high) in RANGES.items()
            if None not in (given[low], given[high]) and given[low] > given[high]
        ]

    def clean(self) -> dict[str, Any]:
        """Besides what was given: the rows that the filter by verdict means."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        asked = {name: values.get(name) for name in PERSONAL}
        values["judged"] = values["agreed"] = None
        if any(asked.values()):
            if self.batch is None or self.user is None:
                raise forms.ValidationError("Verdicts are not to be had here.")
            values["judged"] = chosen(self.batch, self.user, asked)
            if asked["verdicts"]:
                values["agreed"] = agreed(self.batch, self.user)
        return values

    def clean_sort(self) -> str:
        return self.cleaned_data["sort"] or "-probability"

    def clean_after(self) -> Key | None:
        return _key(self.cleaned_data["after"], self._fits)

    def clean_before(self) -> Key | None:
        return _key(self.cleaned_data["before"], self._fits)

    def _fits(self, value: object) -> bool:
        """Whether the column that is sorted by can hold this."""
        column = self.cleaned_data.get("sort", "").removeprefix("-")
        if column in _TEXTS or column.startswith("meta_"):
            return value is None or _is_text(value)
        return _is_number(value)


class DifferingForm(forms.Form):
    """Which page of the rows on which two versions differ; their order is fixed."""

    after = forms.CharField(required=False)
    before = forms.CharField(required=False)

    def clean_after(self) -> Key | None:
        return _key(self.cleaned_data["after"], _is_number)

    def clean_before(self) -> Key | None:
        return _key(self.cleaned_data["before"], _is_number)


def range_of(feature: str) -> tuple[str, str]:
    """The names of the fields of a feature's range."""
    return f"{feature}_from", f"{feature}_to"


# The fields of both ends of each range.
RANGES = {"score": ("low", "high")} | {name: range_of(name) for name in FEATURES}
# Eight times the same two; as if they stood in the class.
RowsForm.base_fields |= {
    end: forms.FloatField(required=False, label=f"{feature} {end.rpartition('_')[2]}")
    for feature in FEATURES
    for end in range_of(feature)
}


def _key(text: str, fits: Callable[[object], bool]) -> Key | None:
    """The (value, row) at which a page begins, as the links to it carry it."""
    if not text:
        return None
    try:
        value, row = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        value = row = None
    if not (fits(value) and _is_whole(row) and row > 0):
        raise forms.ValidationError("This address does not lead to a page of rows.")
    return value, row


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return _is_whole(value)


def _is_whole(value: object) -> bool:
    # To Python true is a number, to the database it is none.
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return abs(value) < 2**63


def _is_text(value: object) -> bool:
    # JSON can hold half a letter, which no database takes.
    return isinstance(value, str) and value.encode("utf-8", "ignore").decode() == value
