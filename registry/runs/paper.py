"""A plot as SVG, for pages without JavaScript and for print."""

from typing import NamedTuple

from registry.runs.plot import Axis, Plot, Point, Tick, Trace

# The drawing's own units, and the room for what stands beside its axes; the template
# has them too.
WIDTH, HEIGHT = 960, 540
LEFT, RIGHT, TOP, BOTTOM = 70, 14, 12, 54
# Marks that are told apart without their colours.
_SIZE = 5.0
_MARKS = (
    "m-{s} 0a{s} {s} 0 1 0 {d} 0a{s} {s} 0 1 0-{d} 0z",  # a circle
    "m0-{s}l{s} {s}l-{s} {s}l-{s}-{s}z",  # a diamond
    "m-{s}-{s}h{d}v{d}h-{d}z",  # a square
    "m0-{s}l{s} {d}h-{d}z",  # a triangle
    "m0 {s}l{s}-{d}h-{d}z",  # a triangle on its head
    "m-{s}-{s}l{d} {d}m0-{d}l-{d} {d}",  # a cross
)


class Drawn(NamedTuple):
    """A trace as it is drawn: one path, or a path for each of its points."""

    trace: Trace
    path: str
    # Of one of its points, after a move to its place.
    mark: str
    marks: list[tuple[Point, str]]


class Drawing(NamedTuple):
    """A plot on paper."""

    plot: Plot
    drawn: list[Drawn]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def drawing(plot: Plot) -> Drawing:
    """Draw what is seen."""
    return Drawing(
        plot,
        [_drawn(plot, trace) for trace in plot.traces],
        [Tick(_x(plot.x, place), text) for place, text in plot.x.ticks],
        [Tick(_y(plot.y, place), text) for place, text in plot.y.ticks],
    )


def _drawn(plot: Plot, trace: Trace) -> Drawn:
    at = [f"{_x(plot.x, point.x)} {_y(plot.y, point.y)}" for point in trace.points]
    if trace.is_line:
        return Drawn(trace, f"M{'L'.join(at)}" if at else "", "", [])
    mark = _MARKS[trace.place - 1].format(s=_SIZE, d=2 * _SIZE)
    marks = [
        (point, f"M{place}{mark}")
        for point, place in zip(trace.points, at, strict=True)
    ]
    return Drawn(trace, "", mark, marks)


def _x(axis: Axis, place: float) -> float:
    share = (place - axis.low) / (axis.high - axis.low)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(axis: Axis, place: float) -> float:
    share = (place - axis.low) / (axis.high - axis.low)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)
