"""Batches: looked up, brought, stopped; and what came out of them."""

from datetime import datetime

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from monitor.work import State
from showroom.models import Batch
from showroom.views.find import batch_or_404

router = Router()
_looks = Needs("showroom.view_batch")


class BatchOut(Schema):
    """A batch, and how far it is."""

    id: int
    url: str
    title: str
    source: Batch.Source
    state: State
    reason: str
    # Whoever has been erased is nobody's name.
    owner: str | None
    private: bool
    version: str
    percent: int
    n_rows: int
    n_scored: int
    n_pulsars: int
    n_rejected: int
    sha256: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_url(batch: Batch) -> str:
        return batch.get_absolute_url()

    @staticmethod
    def resolve_owner(batch: Batch) -> str | None:
        return batch.owner.get_username() if batch.owner else None

    @staticmethod
    def resolve_version(batch: Batch) -> str:
        return str(batch.version)


@router.get("", auth=_looks, response=list[BatchOut])
@paginate(Pages)
def list_batches(
    request: Request, state: State | None = None, source: Batch.Source | None = None
) -> QuerySet[Batch]:
    """Those that one may see, the newest first."""
    asked = {"state": state, "source": source}
    found = Batch.objects.visible_to(request.user).newest()
    return found.filter(**{name: value for name, value in asked.items() if value})


@router.get("/{batch}", auth=_looks, response=BatchOut)
def get_batch(request: Request, batch: int) -> Batch:
    """One of them."""
    return batch_or_404(request, batch)
