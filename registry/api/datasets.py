"""Datasets: looked up, given out, brought in, frozen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile
from ninja.errors import HttpError
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Moment, refusal
from accounts.requests import Request
from pulsar_ml.datasets import treatments
from registry.api.bodies import holds
from registry.api.builds import BuildOut
from registry.api.given import Count, Finite, Long, Text, Title
from registry.api.people import name_of
from registry.api.storing import storing
from registry.datasets import listing
from registry.datasets.forms import ImportForm
from registry.datasets.freeze import ask_for
from registry.datasets.note import note as keep_note
from registry.datasets.preview import preview
from registry.datasets.summary import summary
from registry.labels.filed import filed_people
from registry.models import Build, Dataset, Label
from registry.models.label import Word
from registry.views import datasets as pages
from registry.views.importing import start

router = Router()
_looks = Needs("registry.view_dataset")
_makes = Needs("registry.add_dataset")


class DatasetOut(Schema):
    """A table of labelled rows, which never changes."""

    number: int
    url: str
    name: str
    source: Dataset.Source
    # What it was frozen from.
    parent: int | None
    sha256: str
    size: int
    n_rows: int
    n_pulsars: int
    n_holdout: int
    n_holdout_pulsars: int
    n_rejected: int
    note: str
    created_at: datetime
    created_by: str | None

    @staticmethod
    def resolve_url(dataset: Dataset) -> str:
        return dataset.get_absolute_url()

    @staticmethod
    def resolve_parent(dataset: Dataset) -> int | None:
        return dataset.parent.number if dataset.parent else None

    @staticmethod
    def resolve_created_by(dataset: Dataset) -> str | None:
        return name_of(dataset.created_by)


class DatasetWhole(DatasetOut):
    """With where its rows come from, what was done to them, and its columns."""

    recipe: dict[str, Any]
    columns: list[dict[str, Any]]


class ImportIn(Schema):
    """What it is called; or a preset, which is fetched where no file is sent."""

    name: Title = ""
    preset: Literal["", "htru2"] = ""


class LabelsIn(Schema):
    """Which labels that hold go in; what is left out asks nothing."""

    surveys: Annotated[list[Title], Field(max_length=100)] = []
    people: Annotated[list[Title], Field(max_length=100)] = []
    verdicts: list[Word] = []
    drawn: list[Label.Drawn] = []
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> dict[str, Any]:
        """As `LabelQuerySet.fitting` takes them: people by their numbers."""
        known = {name: number for number, name in filed_people()}
        if strangers := [name for name in self.people if name not in known]:
            raise HttpError(422, f"Nobody called {strangers[0]} has given a label.")
        return self.dict() | {"people": [known[name] for name in self.people]}


class TreatmentIn(Schema):
    """One thing that is done to the rows."""

    name: Title
    options: dict[Title, bool | Finite | Text | list[Text] | None] = {}


class FreezeIn(Schema):
    """From which dataset, with which labels, through which treatments."""

    parent: Count
    name: Title = ""
    labels: LabelsIn | None = None
    treatments: Annotated[list[TreatmentIn], Field(max_length=20)] = []

    def dataset(self) -> Dataset:
        """That of its number."""
        found = Dataset.objects.filter(number=self.parent).first()
        if found is None:
            raise HttpError(422, f"There is no dataset {self.parent}.")
        return found

    def chosen(self) -> dict[str, Any] | None:
        """Which labels; None for none at all."""
        return self.labels.wanted() if self.labels else None


class PreviewOut(Schema):
    """What would go in, before any treatment; and the treatments in words."""

    n_rows: int
    n_pulsars: int
    n_labels: int
    treatments: list[str]


class DatasetNoteIn(Schema):
    """What should be known of it besides its figures."""

    note: Annotated[Long, Field(max_length=5000)]


@router.get("", auth=_looks, response=list[DatasetOut])
@paginate(Pages)
def list_datasets(
    request: Request, words: Title = "", source: Dataset.Source | None = None
) -> QuerySet[Dataset]:
    """Those whose name or number holds the words, the newest first."""
    return listing.found(words, source or "")


@router.post("", auth=_makes, response={202: BuildOut})
def import_dataset(
    request: Request,
    asked: Form[ImportIn],
    file: Annotated[UploadedFile | None, File(None)] = None,
    observations: Annotated[UploadedFile | None, File(None)] = None,
) -> Status[Build]:
    """Have a labelled table brought in, and what was observed of its rows."""
    form = ImportForm(asked.dict(), request.FILES)
    if not form.is_valid():
        raise refusal(form)
    with storing():
        return Status(202, start(request, form))


@router.post("/freeze", auth=_makes, response={202: BuildOut})
def freeze_dataset(request: Request, asked: FreezeIn) -> Status[Build]:
    """Have one made of another, of labels and treatments."""
    with storing():
        build = ask_for(
            asked.dataset(),
            labels=asked.chosen(),
            steps=[step.dict() for step in asked.treatments],
            name=asked.name,
            by=request.user,
        )
    return Status(202, build)


@router.post("/freeze/preview", auth=_makes, response=PreviewOut)
def preview_freeze(request: Request, asked: FreezeIn) -> PreviewOut:
    """What would be frozen; nothing is made."""
    steps = [treatments.step(one.name, one.options) for one in asked.treatments]
    found = preview(asked.dataset(), asked.chosen())
    return PreviewOut(
        n_rows=found.rows,
        n_pulsars=found.pulsars,
        n_labels=found.labels,
        treatments=[treatments.in_words(step) for step in steps],
    )


@router.get("/{dataset}", auth=_looks, response=DatasetWhole)
def get_dataset(request: Request, dataset: int) -> Dataset:
    """One of them."""
    return pages.dataset_or_404(dataset)


@router.patch("/{dataset}", auth=_makes, response=DatasetWhole)
def note_dataset(request: Request, dataset: int, asked: DatasetNoteIn) -> Dataset:
    """Keep what should be known of it."""
    found = pages.dataset_or_404(dataset)
    keep_note(found, asked.note.strip(), by=request.user)
    return found


@router.get("/{dataset}/summary", auth=_looks, response=dict[str, Any])
def get_dataset_summary(request: Request, dataset: int) -> Mapping[str, Any]:
    """What was counted when it was made: histograms, correlations, years, changes."""
    found = summary(pages.dataset_or_404(dataset))
    if found is None:
        raise HttpError(404, "What was counted of it is not where it was stored.")
    return found


@router.get(
    "/{dataset}/files/{file}",
    auth=_looks,
    openapi_extra=holds(
        "application/vnd.apache.parquet", "text/csv", "application/json"
    ),
)
def get_dataset_file(
    request: Request,
    dataset: int,
    file: Literal["rows.parquet", "rows.csv", "dictionary.json"],
) -> HttpResponseBase:
    """Its rows as they are stored, or as CSV; or what stands in each column."""
    return pages.download(request, dataset, file)
