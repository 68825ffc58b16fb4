"""Builds: datasets in the making, and labels that are brought in."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from monitor.work import State
from registry.api.bodies import holds
from registry.api.people import name_of
from registry.datasets.cancel import cancel
from registry.models import Build
from registry.views import builds as pages

router = Router()
_looks = Needs("registry.view_dataset")


class BuildOut(Schema):
    """What is being made, how far it is, and what came of it."""

    id: int
    url: str
    kind: Build.Kind
    name: str
    state: State
    reason: str
    dataset: int | None
    n_rows: int
    n_rejected: int
    # Bytes or rows done, of how many.
    n_done: int
    n_of: int
    notes: list[str]
    by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_url(build: Build) -> str:
        return build.get_absolute_url()

    @staticmethod
    def resolve_dataset(build: Build) -> int | None:
        return build.dataset.number if build.dataset else None

    @staticmethod
    def resolve_by(build: Build) -> str | None:
        return name_of(build.by)


@router.get("", auth=_looks, response=list[BuildOut])
@paginate(Pages)
def list_builds(
    request: Request, state: State | None = None, kind: Build.Kind | None = None
) -> QuerySet[Build]:
    """All of them, the newest first."""
    asked = {"state": state, "kind": kind}
    found = {name: value for name, value in asked.items() if value}
    return _builds().filter(**found)


@router.get("/{build}", auth=_looks, response=BuildOut)
def get_build(request: Request, build: int) -> Build:
    """One of them."""
    return get_object_or_404(_builds(), pk=build)


@router.post("/{build}/cancel", auth=Needs("registry.add_dataset"), response=BuildOut)
def cancel_build(request: Request, build: int) -> Build:
    """Stop it."""
    cancel(get_object_or_404(Build, pk=build), by=request.user)
    return _builds().get(pk=build)


@router.get("/{build}/rejects.csv", auth=_looks, openapi_extra=holds("text/csv"))
def get_build_rejects(request: Request, build: int) -> HttpResponseBase:
    """What could not be used, all of it."""
    return pages.rejects(request, build)


def _builds() -> QuerySet[Build]:
    named = Build.objects.select_related("by", "dataset")
    return named.defer("order", "dataset__recipe", "dataset__columns")
