"""A batch in the plane of two of its features."""

from typing import Any, Literal

from ninja import Query, Router, Schema
from ninja.errors import HttpError

from accounts.programs.needs import Needs
from accounts.programs.values import refusal
from accounts.requests import Request
from showroom.api.reading import reading
from showroom.api.wanted import Rows, wanted
from showroom.forms import AxesForm
from showroom.space.seen import axes, best, reference_of, seen
from showroom.views.find import batch_or_404

router = Router()
_looks = Needs("showroom.view_batch")
Feature = Literal[
    "prof_mean",
    "prof_std",
    "prof_skew",
    "prof_exkurt",
    "dm_mean",
    "dm_std",
    "dm_skew",
    "dm_exkurt",
]


class Axes(Schema):
    """Which feature goes across and which upwards; best told apart, if unsaid."""

    x: Feature | None = None
    y: Feature | None = None


class Plane(Schema):
    """What its page draws: few rows as points, many as cells with their counts."""

    x: dict[str, Any]
    y: dict[str, Any]
    size: int
    cells: list[Any]
    marks: list[Any]
    points: list[Any]
    outlines: list[Any]


@router.get("/{batch}/space", auth=_looks, response=Plane)
@reading
def get_space(
    request: Request, batch: int, asked: Query[Axes], rows: Query[Rows]
) -> dict[str, Any]:
    """How the wanted rows lie there, and both classes of the training rows."""
    found = batch_or_404(request, batch)
    if found.is_under_way or not found.n_scored:
        raise HttpError(409, "There is nothing to draw before its rows are scored.")
    form = AxesForm(asked.dict(exclude_none=True))
    if not form.is_valid():
        raise refusal(form, "query")
    reference, _ = reference_of(found)
    pair = axes(form.cleaned_data, best(reference)[0])
    return seen(found, reference, pair, wanted(request, found, rows)).figure()
