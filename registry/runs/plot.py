"""A plot of lines or marks, made of values; for a script to draw, or as SVG."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

# More of them nobody can tell apart.
TRACES = 6
_ABOUT = 7  # ticks along an axis


class Tick(NamedTuple):
    """A value written along an axis."""

    place: float
    text: str


class Axis(NamedTuple):
    """One side of a plot, from where to where."""

    label: str
    low: float
    high: float
    ticks: list[Tick]


class Point(NamedTuple):
    """One place in a plot, what it says, and where it leads."""

    x: float
    y: float
    words: str = ""
    url: str = ""


class Trace(NamedTuple):
    """Points that belong together: a line, or a mark each."""

    # From 1: which colour, and which dashes or mark.
    place: int
    name: str
    points: list[Point]
    is_line: bool = False


class Plot(NamedTuple):
    """Everything that is to be seen."""

    title: str
    x: Axis
    y: Axis
    traces: list[Trace]

    def figure(self) -> dict[str, Any]:
        """What the page's script needs, made of nothing but what JSON knows."""
        return {
            "title": self.title,
            "x": self.x._asdict(),
            "y": self.y._asdict(),
            "traces": [trace._asdict() for trace in self.traces],
        }


def even(label: str, values: Iterable[float], *, ends: Sequence[float] = ()) -> Axis:
    """An axis on which every step is as long; around the values, or between ends."""
    low, high = _around([*values, *ends]) if len(ends) < 2 else (ends[0], ends[1])
    step = _step(high - low)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = [Tick(n * step, written(n * step)) for n in range(first, last + 1)]
    return Axis(label, low, high, ticks)


def logarithmic(label: str, values: Iterable[float]) -> Axis:
    """An axis on which every factor is as long; its places are powers of ten."""
    low, high = _around([math.log10(value) for value in values])
    ticks = [Tick(math.log10(value), written(value)) for value in _round(low, high)]
    return Axis(label, low, high, ticks)


def named(label: str, names: Sequence[str]) -> Axis:
    """An axis of things that have no order but their own."""
    ticks = [Tick(place, name) for place, name in enumerate(names)]
    return Axis(label, -0.6, len(names) - 0.4, ticks)


def written(value: float) -> str:
    """A round value as it is written on an axis."""
    return f"{value:.6g}".replace("-", "\u2212")


def _around(values: Sequence[float]) -> tuple[float, float]:
    """From the least to the most, with some room; never nothing."""
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or abs(low) * 0.05 or 0.5
    return low - room, high + room


def _step(span: float) -> float:
    """1, 2 or 5 and as many noughts as give about so many ticks."""
    rough = span / _ABOUT
    power: float = 10 ** math.floor(math.log10(rough))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= rough)


def _round(low: float, high: float) -> Iterator[float]:
    """1, 2 and 5 of each power of ten, or the powers alone where they are many."""
    factors = (1, 2, 5) if high - low < 3 else (1,)
    for power in range(math.floor(low), math.ceil(high) + 1):
        for factor in factors:
            if low <= math.log10(factor) + power <= high:
                yield factor * 10.0**power
