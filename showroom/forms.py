"""What people fill in on the Showroom's pages."""

import json
import math
from typing import Any

import numpy as np
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from pulsar_ml import preprocessor
from pulsar_ml.features import FEATURES

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


class UploadForm(forms.Form):
    """One or many files that become one batch."""

    # The metaclass takes the field away, so that Form.files stays what it was.
    files = _ManyFiles(allow_empty_file=True)  # type: ignore[assignment]
    private = forms.BooleanField(
        required=False, label="Private", help_text="Only you and admins see the batch."
    )

    def clean_files(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["files"]
        most = settings.PULSAR.showroom.max_files
        if len(files) > most:
            raise forms.ValidationError(f"At most {most} files go into one batch.")
        return files


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


# A row's place in an order: the value sorted by, and the row's number.
Key = tuple[str | float, int]
SORTS = ("row", "name", "probability", *FEATURES)


class RowsForm(forms.Form):
    """Which rows of a batch a page or download is to show, and in which order."""

    text = forms.CharField(required=False, max_length=255, label="Name contains")
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
    low = forms.FloatField(required=False, min_value=0, max_value=1, label="Score from")
    high = forms.FloatField(required=False, min_value=0, max_value=1, label="to")
    sort = forms.ChoiceField(
        required=False,
        choices=[(key, key) for name in SORTS for key in (name, f"-{name}")],
        widget=forms.HiddenInput,
    )
    after = forms.CharField(required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_sort(self) -> str:
        return self.cleaned_data["sort"] or "-probability"

    def clean_after(self) -> Key | None:
        return self._key("after")

    def clean_before(self) -> Key | None:
        return self._key("before")

    def _key(self, field: str) -> Key | None:
        """The (value, row) at which a page begins, as the links to it carry it."""
        text = self.cleaned_data[field]
        if not text:
            return None
        try:
            value, row = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            value = row = None
        by_name = self.cleaned_data.get("sort") in {"name", "-name"}
        fits = _is_text(value) if by_name else _is_number(value)
        if not fits or not isinstance(row, int) or not 0 < row < 2**63:
            raise forms.ValidationError("This address does not lead to a page of rows.")
        return value, row


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) < 2**63


def _is_text(value: object) -> bool:
    # JSON can hold half a letter, which no database takes.
    return isinstance(value, str) and value.encode("utf-8", "ignore").decode() == value
