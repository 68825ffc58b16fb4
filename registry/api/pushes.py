"""Models from elsewhere on their way in."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from monitor.work import State
from registry.api.people import name_of
from registry.models import Push
from registry.pushing.cancel import cancel

router = Router()
_looks = Needs("registry.view_version")


class PushOut(Schema):
    """A foreign file, how far its examination is, and what was found."""

    id: int
    url: str
    model: str
    name: str
    sha256: str
    size: int
    state: State
    reason: str
    # As model registries say it: PENDING_REGISTRATION, then what came of it.
    registration: str
    version: str | None
    dataset: int | None
    note: str
    # Each check in order: its name, whether it held (ok), in words.
    findings: list[dict[str, Any]]
    by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_url(push: Push) -> str:
        return push.get_absolute_url()

    @staticmethod
    def resolve_registration(push: Push) -> str:
        if push.version:
            return push.version.registration
        return f"{'PENDING' if push.is_under_way else 'FAILED'}_REGISTRATION"

    @staticmethod
    def resolve_version(push: Push) -> str | None:
        return str(push.version) if push.version else None

    @staticmethod
    def resolve_dataset(push: Push) -> int | None:
        return push.dataset.number if push.dataset else None

    @staticmethod
    def resolve_by(push: Push) -> str | None:
        return name_of(push.by)


@router.get("", auth=_looks, response=list[PushOut])
@paginate(Pages)
def list_pushes(request: Request, state: State | None = None) -> QuerySet[Push]:
    """All of them, the newest first."""
    return _pushes().filter(**{"state": state} if state else {})


@router.get("/{push}", auth=_looks, response=PushOut)
def get_push(request: Request, push: int) -> Push:
    """One of them."""
    return get_object_or_404(_pushes(), pk=push)


@router.post("/{push}/cancel", auth=Needs("registry.add_push"), response=PushOut)
def cancel_push(request: Request, push: int) -> Push:
    """Stop it."""
    cancel(get_object_or_404(Push, pk=push), by=request.user)
    return _pushes().get(pk=push)


def _pushes() -> QuerySet[Push]:
    named = Push.objects.select_related("version__model", "dataset", "by")
    return named.defer("version__card", "dataset__recipe", "dataset__columns")
