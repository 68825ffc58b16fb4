"""Versions: looked up, their cards and files; and pushed in from elsewhere."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Query, Router, Schema, Status, UploadedFile
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import refusal
from accounts.requests import Request
from registry import serving
from registry.api.bodies import holds
from registry.api.given import Count, Long, Reference, Slug, Text
from registry.api.people import name_of
from registry.api.pushes import PushOut
from registry.api.storing import storing
from registry.models import Model, Push, Version
from registry.promotion.stages import Approval, Stage, told
from registry.pushing.forms import PushForm
from registry.training.figures import measured
from registry.views import versions as pages
from registry.views.pushing import start

router = Router()
lookup = Router()
_looks = Needs("registry.view_version")


class VersionOut(Schema):
    """A numbered artefact that never changes."""

    name: str
    model: str
    number: int
    url: str
    registration: Version.Registration
    # Why it is quarantined.
    reason: str
    approval: Approval
    stage: Stage
    aliases: list[str]
    source: Version.Source
    algorithm: str
    threshold: float | None
    # Such as holdout.recall.
    metrics: dict[str, float]
    sha256: str
    # Since when its files are others than those registered.
    damaged_at: datetime | None
    created_at: datetime
    created_by: str | None

    @staticmethod
    def resolve_name(version: Version) -> str:
        return str(version)

    @staticmethod
    def resolve_model(version: Version) -> str:
        return version.model.name

    @staticmethod
    def resolve_url(version: Version) -> str:
        return version.get_absolute_url()

    @staticmethod
    def resolve_aliases(version: Version) -> list[str]:
        return sorted(alias.name for alias in version.aliases.all())

    @staticmethod
    def resolve_threshold(version: Version) -> float | None:
        found: float | None = version.card.get("threshold")
        return found

    @staticmethod
    def resolve_metrics(version: Version) -> dict[str, float]:
        return measured(version.card)

    @staticmethod
    def resolve_created_by(version: Version) -> str | None:
        return name_of(version.created_by)


class VersionWhole(VersionOut):
    """With its card as it was registered."""

    card: dict[str, Any]


class PushIn(Schema):
    """What its owner says of a model from elsewhere."""

    dataset: Count | None = Field(None, description="Judged by; the newest if none.")
    threshold: float | None = Field(None, gt=0, lt=1)
    trained_on: Literal["unknown", "dataset", "list"] = "unknown"
    note: Annotated[Long, Field(max_length=2000)] = ""


@router.get("/{model}/versions", auth=_looks, response=list[VersionOut])
@paginate(Pages)
def list_versions(
    request: Request,
    model: Slug,
    registration: Version.Registration | None = None,
    stage: Stage | None = None,
) -> QuerySet[Version]:
    """Those of a model, the newest first."""
    found = _versions().filter(model=get_object_or_404(Model, name=model))
    asked = {"registration": registration, "stage": stage}
    return found.filter(**{name: value for name, value in asked.items() if value})


@router.post(
    "/{model}/versions", auth=Needs("registry.add_push"), response={202: PushOut}
)
def push_version(
    request: Request,
    model: Slug,
    asked: Form[PushIn],
    file: File[UploadedFile],
    card: Annotated[UploadedFile | None, File(None)] = None,
    listed: Annotated[UploadedFile | None, File(None)] = None,
) -> Status[Push]:
    """Have a model from elsewhere examined; it becomes a version, or is quarantined."""
    form = PushForm(asked.dict(exclude_none=True) | {"model": model}, request.FILES)
    if not form.is_valid():
        raise refusal(form)
    with storing():
        return Status(202, start(request, form))


@router.get("/{model}/versions/{version}", auth=_looks, response=VersionWhole)
def get_version(request: Request, model: Slug, version: int) -> Version:
    """One of them."""
    return get_object_or_404(_versions(), model__name=model, number=version)


@router.get(
    "/{model}/versions/{version}/card.json",
    auth=_looks,
    openapi_extra=holds("application/json"),
)
def get_card(request: Request, model: Slug, version: int) -> HttpResponse:
    """All that is known of it: with its evaluation, limits, files and origin."""
    return pages.as_json(request, model, version)


@router.get(
    "/{model}/versions/{version}/card.md",
    auth=_looks,
    openapi_extra=holds("text/markdown"),
)
def get_card_as_text(request: Request, model: Slug, version: int) -> HttpResponse:
    """The card as text, for a paper's repository."""
    return pages.as_markdown(request, model, version)


@router.get(
    "/{model}/versions/{version}/curves.json",
    auth=_looks,
    openapi_extra=holds("application/json"),
)
def get_curves(
    request: Request,
    model: Slug,
    version: int,
    theme: Literal["light", "dark"] = "light",
    threshold: Annotated[float | None, Query(None, ge=0, le=1)] = None,
) -> HttpResponse:
    """Its curves as Plotly draws them, with the point of a threshold."""
    return pages.curves(request, model, version, theme)


@router.get(
    "/{model}/versions/{version}/files/{file}",
    auth=_looks,
    openapi_extra=holds("application/octet-stream"),
)
def get_version_file(
    request: Request, model: Slug, version: int, file: Text
) -> HttpResponse:
    """A file of the artefact, checked against what was registered."""
    return pages.file(request, model, version, file)


@lookup.get("", auth=_looks, response=VersionWhole)
def find_version(request: Request, reference: Reference) -> Version:
    """The one that a reference names, such as models:/pulsar@champion or pulsar/2."""
    return _versions().get(pk=serving.find(reference).pk)


def _versions() -> QuerySet[Version]:
    return told(Version.objects.newest_first()).select_related("created_by")
