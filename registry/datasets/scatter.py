"""Rows of a dataset in the plane of two of its numbers: for the script, and as SVG."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pulsar_ml.stretch import ticks

# The drawing's own units, and the room for what stands beside its axes; the template
# has them too.
WIDTH, HEIGHT = 960, 600
LEFT, RIGHT, TOP, BOTTOM = 62, 10, 10, 54
_DOT, _DIAMOND = 2.0, 4.0
# Where both classes are told apart best in HTRU2.
_USUAL = ("prof_exkurt", "dm_skew")
# Powers of ten between two ticks, where 1, 2 and 5 would be too many.
_DECADES = 3


class Tick(NamedTuple):
    """A value written along an axis."""

    place: float
    text: str


class Side(NamedTuple):
    """An axis: a column, how it is scaled, where it ends, and what is written on it."""

    name: str
    label: str
    scale: str
    ends: tuple[float, float]
    ticks: list[Tick]


class Point(NamedTuple):
    """A row, its values, and where it stands on both axes."""

    row: int
    name: str
    values: tuple[float, float]
    places: tuple[float, float]


class Scene(NamedTuple):
    """Everything that is to be seen, and how many rows it stands for."""

    x: Side
    y: Side
    others: list[Point]
    pulsars: list[Point]
    beyond: int

    def figure(self) -> dict[str, Any]:
        """What the page's script needs, made of nothing but what JSON knows."""
        return {
            "x": self.x._asdict(),
            "y": self.y._asdict(),
            "others": [[*p[:2], *p.values, *p.places] for p in self.others],
            "pulsars": [[*p[:2], *p.values, *p.places] for p in self.pulsars],
        }


class Drawing(NamedTuple):
    """Both classes as one path each, and where the ticks stand on paper."""

    others: str
    pulsars: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def scene(
    found: Mapping[str, Any], labels: Mapping[str, str], x: str, y: str
) -> Scene | None:
    """Two columns against each other; None where one of them has no values."""
    columns = {column["name"]: column for column in found["columns"]}
    if not (columns[x]["edges"] and columns[y]["edges"]):
        return None
    across, upwards = (_side(columns[name], labels) for name in (x, y))
    rows = list(_points(found["points"], across, upwards))
    inside = [(label, p) for label, p in rows if _is_within(p, across, upwards)]
    return Scene(
        across,
        upwards,
        [point for label, point in inside if not label],
        [point for label, point in inside if label],
        len(rows) - len(inside),
    )


def axes(found: Mapping[str, Any], asked: Mapping[str, str]) -> tuple[str, str]:
    """The columns that were asked for, where they are columns; else the usual ones."""
    names = [column["name"] for column in found["columns"]]
    x = asked.get("x", "")
    y = asked.get("y", "")
    x = x if x in names else next(n for n in _USUAL if n != y)
    return x, y if y in names and y != x else next(n for n in _USUAL if n != x)


def drawing(seen: Scene) -> Drawing:
    """Draw what is seen."""
    return Drawing(
        "".join(_dot(*_paper(seen, point.places)) for point in seen.others),
        "".join(_diamond(*_paper(seen, point.places)) for point in seen.pulsars),
        [Tick(_across(seen.x, place), text) for place, text in seen.x.ticks],
        [Tick(_upwards(seen.y, place), text) for place, text in seen.y.ticks],
    )


def _side(column: Mapping[str, Any], labels: Mapping[str, str]) -> Side:
    name, scale = column["name"], column["scale"]
    low, high = column["edges"][0], column["edges"][-1]
    first, last = _place(scale, low), _place(scale, high)
    room = (last - first) * 0.02
    values = _powers(low, high) if scale == "log" else ticks(name, low, high)
    return Side(
        name,
        labels.get(name, name),
        scale,
        (first - room, last + room),
        [Tick(_place(scale, value), _written(value)) for value in values],
    )


def _powers(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten within, or the powers alone where many."""
    first, last = math.log10(low), math.log10(high)
    factors = (1, 2, 5) if last - first < _DECADES else (1,)
    powers = range(math.floor(first), math.ceil(last) + 1)
    values = [factor * 10.0**power for power in powers for factor in factors]
    return [value for value in values if low <= value <= high]


def _written(value: float) -> str:
    return f"{value:.6g}".replace("-", "\u2212")


def _place(scale: str, value: float) -> float:
    if scale == "log":
        return math.log10(value)
    return math.asinh(value) if scale == "asinh" else value


def _points(found: Mapping[str, Any], x: Side, y: Side) -> Iterator[tuple[int, Point]]:
    """Each row of the sample that has both values, with its class."""
    columns: Sequence[Sequence[Any]] = [
        found["label"],
        found["row"],
        found["name"],
        found["columns"][x.name],
        found["columns"][y.name],
    ]
    for label, row, name, a, b in zip(*columns, strict=True):
        if a is not None and b is not None:
            places = (round(_place(x.scale, a), 5), round(_place(y.scale, b), 5))
            yield label, Point(row, name, (a, b), places)


def _is_within(point: Point, x: Side, y: Side) -> bool:
    ends = zip(point.places, (x.ends, y.ends), strict=True)
    return all(low <= place <= high for place, (low, high) in ends)


def _paper(seen: Scene, places: tuple[float, float]) -> tuple[float, float]:
    return _across(seen.x, places[0]), _upwards(seen.y, places[1])


def _across(side: Side, place: float) -> float:
    low, high = side.ends
    return round(LEFT + (place - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)


def _upwards(side: Side, place: float) -> float:
    low, high = side.ends
    share = (place - low) / (high - low)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _dot(x: float, y: float) -> str:
    wide = 2 * _DOT
    half = f"a{_DOT:g} {_DOT:g} 0 1 0"
    return f"M{x - _DOT:g} {y:g}{half} {wide:g} 0{half}-{wide:g} 0z"


def _diamond(x: float, y: float) -> str:
    step = f"{_DIAMOND:g}"
    return f"M{x:g} {y - _DIAMOND:g}l{step} {step}l-{step} {step}l-{step}-{step}z"
