"""The rows of a batch in the plane of two features, counted in one pass over them."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pulsar_ml.place import placed
from pulsar_ml.stretch import STRETCHED, stretch, unstretch
from showroom import rows
from showroom.forms import range_of
from showroom.models import Batch
from showroom.space.plane import CELLS, Axis, Cell, Plane, Point

# So many rows are drawn one by one, each a link to its page.
MOST_POINTS = 2_000
# Beyond the training range by more than its width lie mistakes and marvels. While they
# are so few, they do not squeeze all others into a corner.
_FEW = 0.01
# Farther ends of an axis, which only an address can ask for, cannot be computed with.
_FARTHEST = 1e100
# A narrower axis, as a share of where it lies, has no places between its ends; nor can
# one be computed with that is narrower than this.
_THINNEST = 1e-9
_NARROWEST = 1e-100
# Of the files in which planes are kept; another number makes them anew.
_FORMAT = 1

# What `rows.where` gives where nothing is left out.
_ALL: tuple[str, list[Any]] = ("true", [])

Ranges = Mapping[str, tuple[float, float]]


def look(
    batch: Batch, x: str, y: str, wanted: Mapping[str, Any], ranges: Ranges
) -> Plane:
    """The rows that are wanted, on the axes that all rows have or within given ends."""
    wish = rows.where(wanted)
    if wish == _ALL:
        return _whole(batch, x, y, ranges)
    given = {name: tuple(wanted[end] for end in range_of(name)) for name in (x, y)}
    known: Sequence[Axis] = [Axis(x, 0, 0), Axis(y, 0, 0)]
    if None in (*given[x], *given[y]):
        known = _whole(batch, x, y, ranges)[:2]
    across, upwards = (_axis(axis[0], given[axis[0]], axis[1:]) for axis in known)
    with rows.scores(batch) as connection:
        return _Wanted(connection, *wish).plane(across, upwards)


def _whole(batch: Batch, x: str, y: str, ranges: Ranges) -> Plane:
    """All rows, over the training ranges and as far as they reach."""
    kept = batch.folder / f"space-{_FORMAT}-{x}-{y}-{batch.sha256[:16]}.json"
    if batch.sha256 and kept.exists():
        return Plane.from_json(kept.read_text())
    with rows.scores(batch) as connection:
        asked = _Wanted(connection, *_ALL)
        known = asked.reach(x, y, ranges)
        axes = (_axis(name, (None, None), known[name]) for name in (x, y))
        plane = asked.plane(*axes)
    # Scores never change after their hash is known.
    if batch.sha256 and not plane.points:
        _keep(kept, plane)
    return plane


def _keep(path: Path, plane: Plane) -> None:
    try:
        with placed(path) as unfinished:
            unfinished.write_text(json.dumps(plane))
    except OSError:
        pass  # a full disk is no reason to refuse a picture that is there


class _Seen(NamedTuple):
    """How far the values of a feature reach, with and without what lies far out."""

    low: float | None
    high: float | None
    near_low: float | None
    near_high: float | None
    n_far: int


class _Wanted:
    """The rows that are wanted, asked for on an open connection."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, wish: str, values: list[Any]
    ) -> None:
        self.connection = connection
        self.wish = wish
        self.values = values

    def plane(self, x: Axis, y: Axis) -> Plane:
        n, cells = self.cells(x, y)
        shown = sum(cell.n for cell in cells)
        points = self.points(x, y) if shown <= MOST_POINTS else []
        return Plane(x, y, n, cells, points)

    def reach(self, x: str, y: str, ranges: Ranges) -> dict[str, list[float]]:
        """The least and the greatest values that both axes have to show."""
        each = (
            "min({0}), max({0}), min({0}) filter ({0} between ? and ?), "
            "max({0}) filter ({0} between ? and ?), "
            "count(*) filter ({0} not between ? and ?)"
        )
        near = [end for name in (x, y) for end in _near(name, ranges) * 3]
        found = self.connection.execute(
            f"select count(*), {each.format(x)}, {each.format(y)} "  # noqa: S608
            f"from scores where {self.wish}",  # ours only
            [*near, *self.values],
        ).fetchall()
        n, *seen = found[0]
        return {
            name: [*_reach(_Seen(*ends), n), *ranges.get(name, ())]
            for name, ends in ((x, seen[:5]), (y, seen[5:]))
        }

    def cells(self, x: Axis, y: Axis) -> tuple[int, list[Cell]]:
        """Count the rows, and those in equal cells of the stretched plane, at once."""
        found = self.connection.execute(
            f"select case when {_within(x)} and {_within(y)} "  # noqa: S608
            f"then {_place(x)} + {CELLS} * {_place(y)} end as cell, "
            "count(*), sum(predicted) "
            f"from scores where {self.wish} group by cell order by cell",
            [*x[1:], *y[1:], *_scale(x), *_scale(y), *self.values],
        ).fetchall()
        cells = [
            Cell(cell % CELLS, cell // CELLS, n, int(pulsars))
            for cell, n, pulsars in found
            if cell is not None
        ]
        return sum(n for _, n, _ in found), cells

    def points(self, x: Axis, y: Axis) -> list[Point]:
        """Each row by itself."""
        found = self.connection.execute(
            f"select row, {x.feature}, {y.feature}, "  # noqa: S608
            "probability, predicted "
            f"from scores where {self.wish} and {_within(x)} and {_within(y)} "
            "order by row",
            [*self.values, *x[1:], *y[1:]],
        ).fetchall()
        return [Point(*values) for values in found]


def _near(feature: str, ranges: Ranges) -> list[float]:
    """The training range widened by its width at both ends."""
    if feature not in ranges:
        return [-math.inf, math.inf]
    low, high = stretch(feature, ranges[feature])
    ends: list[float] = unstretch(feature, [2 * low - high, 2 * high - low]).tolist()
    return ends


def _reach(seen: _Seen, n: int) -> list[float]:
    few = seen.n_far <= n * _FEW
    ends = (seen.near_low, seen.near_high) if few else (seen.low, seen.high)
    return [end for end in ends if end is not None]


def _axis(feature: str, given: Sequence[float | None], known: Sequence[float]) -> Axis:
    """From the ends that are given, or from the farthest that are known."""
    low, high = given
    low = min(known, default=0.0) if low is None else low
    high = max(known, default=low) if high is None else high
    first, last = (max(-_FARTHEST, min(_FARTHEST, end)) for end in (low, high))
    return _widened(Axis(feature, first, max(first, last)))


def _widened(axis: Axis) -> Axis:
    """Where all values are one there is a picture around it."""
    first, last = axis.ends
    if last - first > max(_NARROWEST, _THINNEST * max(abs(first), abs(last))):
        return axis
    more = max(0.5, abs(first) * 0.05)
    low, high = unstretch(axis.feature, [first - more, last + more]).tolist()
    return Axis(axis.feature, low, high)


def _place(axis: Axis) -> str:
    name = axis.feature
    place = f"asinh({name})" if name in STRETCHED else name
    return f"greatest(0, least({CELLS - 1}, floor(({place} - ?) * ?)))::integer"


def _scale(axis: Axis) -> tuple[float, float]:
    first, last = axis.ends
    return first, CELLS / (last - first)


def _within(axis: Axis) -> str:
    return f"{axis.feature} between ? and ?"
