"""Figures over a day, a week or a month."""

import json
from datetime import datetime
from typing import Any, Literal, Self

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router, Schema

from accounts.programs.needs import Needs
from accounts.programs.values import Number
from accounts.requests import Request
from monitor.figures.declared import Figure, called
from monitor.figures.series import RANGES, names, series

router = Router()
_looks = Needs("monitor.view_check")


class FigureOut(Schema):
    """A measured figure, in words."""

    name: str
    url: str
    title: str
    # seconds, bytes, share, per minute, or what is counted.
    unit: str
    words: str

    @classmethod
    def of(cls, known: Figure, **more: Any) -> Self:
        return cls(
            name=known.name,
            url=reverse("monitor:figure", args=[known.name]),
            title=known.title,
            unit=known.unit,
            words=known.words,
            **more,
        )


class PointOut(Schema):
    """What a figure was in one stretch of time, of so many samples."""

    at: datetime
    n: int
    mean: Number
    least: Number
    most: Number


class FigureLineOut(Schema):
    """One set of labels of a figure, and how it went."""

    labels: dict[str, Any]
    points: list[PointOut]


class OneFigureOut(FigureOut):
    """A figure with its lines."""

    range: str
    # So many seconds make one point.
    span: int
    lines: list[FigureLineOut]


class FigureWanted(Schema):
    """How far back, which says how finely."""

    range: Literal["day", "week", "month"] = "day"


@router.get("", auth=_looks, response=list[FigureOut])
def list_figures(request: Request) -> list[FigureOut]:
    """Every figure that there is."""
    known = sorted(map(called, names()), key=lambda one: (one.order, one.title))
    return [FigureOut.of(one) for one in known]


@router.get("/{str:figure}", auth=_looks, response=OneFigureOut)
def get_figure(
    request: Request, figure: str, wanted: Query[FigureWanted]
) -> OneFigureOut:
    """One of them; a stretch without a sample has no point."""
    if figure not in names():
        raise Http404
    asked = RANGES[wanted.range]
    lines = series([figure], asked, timezone.now())
    return OneFigureOut.of(
        called(figure),
        range=asked.name,
        span=asked.span,
        lines=[
            FigureLineOut(
                labels=json.loads(line.labels),
                points=[PointOut(**point._asdict()) for point in line.points],
            )
            for line in lines
        ],
    )
