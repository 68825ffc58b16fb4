"""What is seen of a plane: axes with their ticks, outlines, marks; for any drawing."""

import math
from collections import defaultdict
from typing import Any, NamedTuple

from pulsar_ml.explain import NAMES
from pulsar_ml.landscape import Outline, Ring
from pulsar_ml.stretch import STRETCHED, stretch, ticks
from showroom.space.plane import CELLS, Axis, Plane

# So many columns and lines of cells, nearly a square, share a mark for their pulsars.
_SHARED_X, _SHARED_Y = 2, 4
_LEAST_MARK, _LARGEST_MARK = 4.0, 11.0


class Tick(NamedTuple):
    """A value written along an axis."""

    place: float
    text: str


class Mark(NamedTuple):
    """A diamond for the pulsars about a place, larger for more."""

    x: float
    y: float
    n: int
    size: float


class Side(NamedTuple):
    """An axis and what is written along it."""

    axis: Axis
    label: str
    ticks: list[Tick]

    @property
    def is_stretched(self) -> bool:
        return self.axis.feature in STRETCHED


class Scene(NamedTuple):
    """Everything that is to be seen."""

    plane: Plane
    x: Side
    y: Side
    outlines: list[Outline]
    marks: list[Mark]

    @property
    def most(self) -> int:
        """The rows of the fullest cell."""
        return max((cell.n for cell in self.plane.cells), default=0)

    def figure(self) -> dict[str, Any]:
        """What the page's script needs, made of nothing but what JSON knows."""
        plane = self.plane
        return {
            "x": _side(self.x),
            "y": _side(self.y),
            "size": CELLS,
            "cells": [] if plane.points else plane.cells,
            "marks": [] if plane.points else self.marks,
            "points": [
                [*point[:3], *plane.place(point), *point[3:]] for point in plane.points
            ],
            "outlines": [
                [kind(outline), " ".join(map(_data_path, outline.rings))]
                for outline in self.outlines
            ],
        }


def scene(plane: Plane, outlines: list[Outline]) -> Scene:
    """Put together what is drawn."""
    return Scene(
        plane, _described(plane.x), _described(plane.y), outlines, _marks(plane)
    )


def name(feature: str) -> str:
    """A feature's name at the beginning of a line."""
    words = NAMES[feature].removeprefix("the ")
    return words[0].upper() + words[1:]


def number(value: float) -> str:
    """A round value as it is written on an axis."""
    return f"{value:g}".replace("-", "\u2212")


def _described(axis: Axis) -> Side:
    values = ticks(axis.feature, axis.low, axis.high)
    places = stretch(axis.feature, values).tolist()
    return Side(
        axis,
        name(axis.feature),
        [Tick(*pair) for pair in zip(places, map(number, values), strict=True)],
    )


def _side(side: Side) -> dict[str, Any]:
    return {
        "feature": side.axis.feature,
        "label": side.label,
        "ends": side.axis.ends,
        "stretched": side.is_stretched,
        "ticks": side.ticks,
    }


def kind(outline: Outline) -> str:
    """Whose outline it is, as styles have it."""
    return "pulsars" if outline.pulsars else "others"


def _marks(plane: Plane) -> list[Mark]:
    """One mark for some cells at the middle of their pulsars."""
    near: defaultdict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for cell in plane.cells:
        if cell.n_pulsars:
            place = (cell.x // _SHARED_X, cell.y // _SHARED_Y)
            near[place].append((cell.x, cell.y, cell.n_pulsars))
    counts = {place: sum(n for *_, n in cells) for place, cells in near.items()}
    most = math.log1p(max(counts.values(), default=1))
    found = []
    for place, cells in near.items():
        n = counts[place]
        x, y = (sum((c[i] + 0.5) * c[2] for c in cells) / n for i in (0, 1))
        grown = math.log1p(n) / most
        size = _LEAST_MARK + (_LARGEST_MARK - _LEAST_MARK) * grown
        found.append(Mark(*_at(plane, x, y), n, round(size, 1)))
    return found


def _at(plane: Plane, x: float, y: float) -> tuple[float, float]:
    """Where a place counted in cells lies on both axes."""
    return _along(plane.x, x / CELLS), _along(plane.y, y / CELLS)


def _along(axis: Axis, share: float) -> float:
    low, high = axis.ends
    return low + share * (high - low)


def _data_path(ring: Ring) -> str:
    return "M" + "L".join(f"{x:.5g},{y:.5g}" for x, y in ring) + "Z"
