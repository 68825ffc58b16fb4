"""What raw candidates look like: their plots as pictures, or to be drawn elsewhere."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from accounts.programs.needs import Needs
from accounts.programs.values import Key
from accounts.requests import Request
from showroom import raw
from showroom.api.content import holds
from showroom.api.reading import reading
from showroom.picture import Format, Theme
from showroom.raw import Raw
from showroom.views.find import batch_or_404, reject_or_404, row_of
from showroom.views.plotting import figures_of, picture_of, svg_of

router = Router()
_looks = Needs("showroom.view_batch")
_PICTURE = holds("image/png", "image/svg+xml")
_FIGURES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "Each plot as Plotly has it, by its name",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }
}


class Look(Schema):
    """On which ground; and whether without interference, which PFDs can be."""

    theme: Theme = "light"
    mask: bool = False


@router.get("/{batch}/rows/{row}/picture", auth=_looks, openapi_extra=_PICTURE)
@reading
def get_row_picture(
    request: Request,
    batch: int,
    row: Key,
    look: Query[Look],
    format: Format = "png",  # noqa: A002  # as it is called everywhere
) -> HttpResponse:
    """All plots of a row's raw candidate."""
    return _picture(_of_row(request, batch, row), look, format)


@router.get("/{batch}/rows/{row}/figures", auth=_looks, openapi_extra=_FIGURES)
@reading
def get_row_figures(
    request: Request, batch: int, row: Key, look: Query[Look]
) -> HttpResponse:
    """The same plots with their numbers."""
    return _figures(_of_row(request, batch, row), look)


@router.get("/{batch}/rejects/{row}/picture", auth=_looks, openapi_extra=_PICTURE)
@reading
def get_reject_picture(
    request: Request,
    batch: int,
    row: Key,
    look: Query[Look],
    format: Format = "png",  # noqa: A002  # as it is called everywhere
) -> HttpResponse:
    """All plots of a raw candidate that has no features."""
    return _picture(_of_reject(request, batch, row), look, format)


@router.get("/{batch}/rejects/{row}/figures", auth=_looks, openapi_extra=_FIGURES)
@reading
def get_reject_figures(
    request: Request, batch: int, row: Key, look: Query[Look]
) -> HttpResponse:
    """The same plots with their numbers."""
    return _figures(_of_reject(request, batch, row), look)


def _of_row(request: Request, number: int, row: int) -> Raw | None:
    batch = batch_or_404(request, number)
    found = row_of(batch, row)
    return raw.of_row(batch, found) if found else None


def _of_reject(request: Request, number: int, row: int) -> Raw | None:
    batch = batch_or_404(request, number)
    return raw.of_reject(batch, reject_or_404(batch, row))


def _picture(behind: Raw | None, look: Look, kind: Format) -> HttpResponse:
    return _drawn(svg_of if kind == "svg" else picture_of, behind, look)


def _figures(behind: Raw | None, look: Look) -> HttpResponse:
    return _drawn(figures_of, behind, look)


def _drawn(
    draw: Callable[[Raw | None, str], HttpResponse], behind: Raw | None, look: Look
) -> HttpResponse:
    if behind and look.mask:
        behind = raw.without_interference(behind)
    try:
        return draw(behind, look.theme)
    except Http404 as error:
        # It says what became of the file, or what the candidate lacks.
        raise HttpError(404, str(error)) from error
