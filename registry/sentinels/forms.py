"""What people fill in to put pulsars under the sentinels."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from registry.models import Dataset
from registry.sentinels.read import MOST_BYTES


class NoteForm(forms.Form):
    """Why pulsars come under the sentinels."""

    note = forms.CharField(
        required=False,
        max_length=500,
        help_text="Why these; others read it here.",
    )


class FileForm(NoteForm):
    """A file of known pulsars."""

    file = forms.FileField(allow_empty_file=True)
    field_order = ("file", "note")

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            most = filesizeformat(MOST_BYTES)
            raise forms.ValidationError(f"{file.name} is larger than {most}.")
        return file


class SearchForm(forms.Form):
    """Which pulsars of which dataset."""

    dataset = forms.ModelChoiceField(
        Dataset.objects.order_by("-number"), empty_label=None, to_field_name="number"
    )
    text = forms.CharField(
        required=False, max_length=100, label="Name has, or hash begins with"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dataset"].label_from_instance = _called  # type: ignore[attr-defined]


def _called(dataset: Dataset) -> str:
    return f"{dataset.number}: {dataset.name}"
