"""What each kind of source and sink wants to know, as a form of its own."""

from typing import Any

from django import forms

from dispatch import places, sinks, sources
from dispatch.schedules.fields import AllowedFolder
from dispatch.schedules.kind_form import KindForm
from dispatch.schedules.sink_forms import DatasetForm, TableForm
from dispatch.schedules.table_form import FromTableForm
from pulsar_ml.writers.write import FORMATS


def _inbox() -> str:
    return str(places.allowed()[0])


def _outbox() -> str:
    return str(places.allowed()[1])


class FolderForm(KindForm):
    """A folder in which files arrive."""

    made = sources.Folder
    kind = "folder"
    label = "a folder in which files arrive"

    folder = AllowedFolder(initial=_inbox)
    patterns = forms.CharField(
        max_length=1000,
        initial="*",
        label="File names",
        help_text="Patterns with blanks between them, such as *.csv *.pfd. * is every "
        "file: what it is, is seen by its content.",
    )
    recursive = forms.BooleanField(required=False, label="Its folders too")
    settle_seconds = forms.IntegerField(
        min_value=0,
        max_value=86_400,
        initial=60,
        label="Whole after, in seconds",
        help_text="A file changed within so many seconds is left for the next run.",
    )
    marker = forms.CharField(
        required=False,
        max_length=50,
        label="Marker",
        help_text="With .done, a.csv is read once a.csv.done is there, whatever the "
        "seconds say. Left empty, there are no markers.",
    )

    @classmethod
    def shown(cls, settings: dict[str, Any]) -> dict[str, Any]:
        patterns = settings.get("patterns", ["*"])
        return settings | {"patterns": " ".join(patterns)}

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"patterns": self.cleaned_data["patterns"].split()}


class ScoresForm(KindForm):
    """Nothing but the scores, which the site keeps anyway."""

    made = sinks.Scores
    kind = "scores"
    label = "Scores only: to be looked at and downloaded on the batch's page"


class FilesForm(KindForm):
    """A file for each run."""

    made = sinks.Files
    kind = "files"
    label = "Files: besides, a table of each run in a folder"

    folder = AllowedFolder(initial=_outbox)
    format = forms.ChoiceField(choices=[(one.name, one.label) for one in FORMATS])


SOURCES: tuple[type[KindForm], ...] = (FolderForm, FromTableForm)
SINKS: tuple[type[KindForm], ...] = (ScoresForm, FilesForm, TableForm, DatasetForm)
