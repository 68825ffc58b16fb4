"""A figure as a drawing: lines with their gaps, and what its axes say."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone

from monitor.figures.declared import Figure, called
from monitor.figures.series import Line, Point, Range
from monitor.figures.summary import Summary, summary
from monitor.figures.units import ceiling, in_words

# The drawing's own units; the page stretches them to its width.
WIDTH, HEIGHT = 1000, 100
# More of them nobody can tell apart.
LINES = 6


class Drawn(NamedTuple):
    """One line, and what it says in words."""

    place: int
    said: Summary
    path: str
    # What has nothing beside it.
    dots: str
    # Between the lowest and the highest, where there is but one line.
    band: str


class Chart(NamedTuple):
    """What a figure's template draws and says."""

    figure: Figure
    range: Range
    lines: list[Drawn]
    newest: float
    # Lines that are not drawn.
    beyond: int
    top: str
    # Where it is not 0.
    bottom: str
    zero: float | None
    ticks: list[tuple[float, str]]

    @property
    def latest(self) -> str:
        """What the only line says now, with its unit."""
        return in_words(self.newest, self.figure.unit)

    @property
    def words(self) -> str:
        """What is seen, for those who do not see it."""
        said = "; ".join(line.said.words for line in self.lines)
        return f"{self.figure.title} over a {self.range.name}: {said}"


def charts(lines: Sequence[Line], wanted: Range, at: datetime) -> list[Chart]:
    """The figures that these lines are of, each as a drawing, in their order."""
    by_name = groupby(lines, key=lambda line: line.name)
    found = [(called(name), list(own)) for name, own in by_name]
    found.sort(key=lambda pair: (pair[0].order, pair[0].title))
    return [chart(figure, own, wanted, at) for figure, own in found]


def chart(figure: Figure, lines: Sequence[Line], wanted: Range, at: datetime) -> Chart:
    """One figure's lines: the highest ones, where they are too many."""
    drawn = sorted(lines, key=lambda line: (-line.whole.last, line.labels))[:LINES]
    drawn.sort(key=lambda line: line.labels)
    since, end = wanted.around(at)
    low = min(0.0, *(line.whole.least for line in drawn))
    high = max(0.0, *(line.whole.most for line in drawn))
    low = -ceiling(-low, figure.unit) if low < 0 else 0.0
    high = ceiling(high, figure.unit) if high > 0 or low == 0 else 0.0
    frame = _Frame(since, end, low, high, wanted.span)
    single = len(lines) == 1
    return Chart(
        figure=figure,
        range=wanted,
        lines=[
            _drawn(place, line, figure.unit, frame, single=single)
            for place, line in enumerate(drawn, 1)
        ],
        newest=drawn[0].whole.last,
        beyond=len(lines) - len(drawn),
        top=in_words(high, figure.unit),
        bottom=in_words(low, figure.unit) if low < 0 else "",
        zero=frame.y(0) if low < 0 else None,
        ticks=[
            (frame.x(moment), timezone.localtime(moment).strftime(wanted.format))
            for moment in wanted.ticks(at)
        ],
    )


class _Frame(NamedTuple):
    since: datetime
    end: datetime
    low: float
    high: float
    span: int

    def x(self, at: datetime) -> float:
        share = (at - self.since) / (self.end - self.since)
        return round(WIDTH * min(1.0, max(0.0, share)), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT * (self.high - value) / (self.high - self.low), 1)

    def middle(self, point: Point) -> float:
        """Where a point stands: amid its stretch."""
        return self.x(point.at + timedelta(seconds=self.span / 2))


def _drawn(place: int, line: Line, unit: str, frame: _Frame, *, single: bool) -> Drawn:
    pieces = list(_unbroken(line.points, frame.span))
    return Drawn(
        place=place,
        said=summary(line, unit),
        path="".join(_path(frame, piece) for piece in pieces if len(piece) > 1),
        dots="".join(_path(frame, piece) for piece in pieces if len(piece) == 1),
        band="".join(_band(frame, piece) for piece in pieces) if single else "",
    )


def _unbroken(points: Sequence[Point], span: int) -> Iterator[list[Point]]:
    """Points without a gap between them; a line through a gap would be a lie."""
    piece: list[Point] = []
    for point in points:
        if piece and (point.at - piece[-1].at).total_seconds() > span:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece


def _path(frame: _Frame, piece: Sequence[Point]) -> str:
    places = [f"{frame.middle(point)} {frame.y(point.mean)}" for point in piece]
    # A line of no length has round ends all the same: one that stands alone is a dot.
    return f"M{'L'.join(places)}" + ("h0" if len(piece) == 1 else "")


def _band(frame: _Frame, piece: Sequence[Point]) -> str:
    if len(piece) == 1:
        return ""
    upper = [f"{frame.middle(point)} {frame.y(point.most)}" for point in piece]
    lower = [f"{frame.middle(point)} {frame.y(point.least)}" for point in piece]
    return f"M{'L'.join([*upper, *reversed(lower)])}Z"
