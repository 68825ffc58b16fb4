"""Charts as SVG, for print and for pages without JavaScript."""

from typing import NamedTuple

from registry.card.curves import Chart, Curve, Place

# The drawing's own units, and the room beside its axes; the template has them too.
WIDTH, HEIGHT = 360, 320
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 46
_DOT = 3.0


class Drawn(NamedTuple):
    """A curve as paths, one for its line and one for its intervals."""

    curve: Curve
    line: str
    spans: str


class Tick(NamedTuple):
    """A value along both axes, and where it stands on each."""

    text: str
    x: float
    y: float


class Drawing(NamedTuple):
    """A chart as its template draws it."""

    chart: Chart
    curves: list[Drawn]
    diagonal: str
    mark: tuple[float, float] | None
    ticks: list[Tick]


def drawing(chart: Chart) -> Drawing:
    """Draw a chart."""
    return Drawing(
        chart,
        [_drawn(curve) for curve in chart.curves],
        _path([(0, 0), (1, 1)]) if chart.diagonal else "",
        _paper(chart.mark) if chart.mark else None,
        [Tick(f"{n / 5:g}", *_paper((n / 5, n / 5))) for n in range(6)],
    )


def _drawn(curve: Curve) -> Drawn:
    spans = ""
    for (x, y), (low, high) in zip(curve.places, curve.spans, strict=False):
        across, upwards = _paper((x, y))
        spans += _path([(x, low), (x, high)])
        spans += f"M{across - _DOT} {upwards}h{2 * _DOT}"
    return Drawn(curve, _path(curve.places), spans)


def _path(places: list[Place]) -> str:
    points = ("{} {}".format(*_paper(place)) for place in places)
    return "M" + "L".join(points) if places else ""


def _paper(place: Place) -> tuple[float, float]:
    x, y = place
    return (
        round(LEFT + x * (WIDTH - LEFT - RIGHT), 1),
        round(HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM), 1),
    )
