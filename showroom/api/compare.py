"""Two batches of the same files, one against the other."""

from collections.abc import Mapping
from typing import Any, Literal

from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema

from accounts.programs.needs import Needs
from accounts.requests import Request
from showroom import compare
from showroom.api.content import holds
from showroom.api.reading import reading
from showroom.api.rows import shortest
from showroom.api.turning import Turn, refused, turned
from showroom.forms import DifferingForm
from showroom.views.find import same_or_404
from showroom.views.sending import as_csv

router = Router()
_looks = Needs("showroom.view_batch")


class SummaryOut(Schema):
    """How often, and how far, two versions agree; of scores the distance."""

    n: int
    both: int
    neither: int
    only_first: int
    only_second: int
    missing_in_first: int
    missing_in_second: int
    median: float | None
    most: float | None


class DifferingOut(Schema):
    """A row that one version calls a pulsar and the other does not."""

    row: int
    name: str
    first: float
    second: float
    distance: float

    @staticmethod
    def resolve_first(row: compare.Differing) -> float:
        return shortest(row.first)

    @staticmethod
    def resolve_second(row: compare.Differing) -> float:
        return shortest(row.second)


class DifferingPage(Schema):
    """Some of these rows, the farthest apart on top."""

    previous: str | None
    next: str | None
    results: list[DifferingOut]


@router.get("/{batch}/against/{other}", auth=_looks, response=SummaryOut)
@reading
def compare_batches(request: Request, batch: int, other: int) -> compare.Summary:
    """What the versions of both say of the same rows, counted."""
    return compare.summary(*same_or_404(request, batch, other))


@router.get("/{batch}/against/{other}/rows", auth=_looks, response=DifferingPage)
@reading
def list_differing_rows(
    request: Request,
    batch: int,
    other: int,
    turn: Query[Turn],
    only: Literal["", "first", "second"] = "",
) -> Mapping[str, Any]:
    """Where they differ; `only` those that one batch alone calls pulsars."""
    both = same_or_404(request, batch, other)
    form = DifferingForm(turn.key())
    if not form.is_valid():
        raise refused(form)
    page = compare.page(*both, form.cleaned_data, turn.page_size, only)
    return turned(request, page.rows, previous=page.previous, next=page.next)


@router.get(
    "/{batch}/against/{other}/rows.csv", auth=_looks, openapi_extra=holds("text/csv")
)
@reading
def download_differing_rows(
    request: Request, batch: int, other: int
) -> HttpResponseBase:
    """Every row on which they differ, as a table."""
    first, second = same_or_404(request, batch, other)
    lines = compare.differing_csv(first, second)
    return as_csv(lines, f"batch-{first.pk}-against-{second.pk}.csv")
