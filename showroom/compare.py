"""What two versions say of the same rows."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pulsar_ml import parquet, safe_csv
from showroom.models import Batch
from showroom.rows.opening import connection as reading

_BLOCK = 2_000
# The median is counted out, in steps of the last digit that a page shows.
_STEPS = 10_000
_SCORED = "row, coalesce(name, '') as name, probability, predicted"
_UNSCORED = (
    "select 0::bigint as row, '' as name, 0::float as probability, "
    "0::tinyint as predicted where false"
)
_DISTANCE = "abs(a.probability::double - b.probability)"
_DIFFERING = (
    "a.row as row, a.name as name, a.probability as first, b.probability as second, "
    f"{_DISTANCE} as distance"
)
# Rows on which the verdicts differ: all, or those that one batch alone calls pulsars.
KINDS = {
    "": "a.predicted <> b.predicted",
    "first": "a.predicted > b.predicted",
    "second": "a.predicted < b.predicted",
}
_LARGEST_FIRST = "distance desc, row asc"
_SMALLEST_FIRST = "distance asc, row desc"


class Summary(NamedTuple):
    """How often, and how far, two versions agree."""

    both: int = 0
    neither: int = 0
    only_first: int = 0
    only_second: int = 0
    missing_in_first: int = 0
    missing_in_second: int = 0
    median: float | None = None
    most: float | None = None

    @property
    def n(self) -> int:
        """Rows that both have."""
        return self.both + self.neither + self.n_differing

    @property
    def n_differing(self) -> int:
        """Rows that one calls a pulsar, and the other does not."""
        return self.only_first + self.only_second


class Differing(NamedTuple):
    """A row on which the verdicts differ, with both scores."""

    row: int
    name: str
    first: float
    second: float
    distance: float


class Page(NamedTuple):
    """Some differing rows, and the keys at which its neighbours begin."""

    rows: list[Differing]
    previous: str
    next: str


def summary(first: Batch, second: Batch) -> Summary:
    """Count the verdicts of both, and measure how far their scores lie apart."""
    with _pairs(first, second) as (connection, pairs):
        found = connection.execute(
            f"select a.predicted, b.predicted, round({_DISTANCE} * {_STEPS})::integer, "  # noqa: S608
            f"count(*), max({_DISTANCE}) from {pairs} group by all"
        ).fetchall()
    verdicts: dict[tuple[int | None, int | None], int] = {}
    steps: dict[int, int] = {}
    for one, other, step, n, _ in found:
        verdicts[one, other] = verdicts.get((one, other), 0) + n
        if step is not None:
            steps[step] = steps.get(step, 0) + n
    return Summary(
        both=verdicts.get((1, 1), 0),
        neither=verdicts.get((0, 0), 0),
        only_first=verdicts.get((1, 0), 0),
        only_second=verdicts.get((0, 1), 0),
        missing_in_first=sum(n for (one, _), n in verdicts.items() if one is None),
        missing_in_second=sum(n for (_, one), n in verdicts.items() if one is None),
        median=_median(steps),
        most=max((most for *_, most in found if most is not None), default=None),
    )


def page(
    first: Batch, second: Batch, wanted: Mapping[str, Any], size: int, only: str = ""
) -> Page:
    """Some rows on which the verdicts differ, the farthest apart on top."""
    backwards = bool(wanted["before"])
    key = wanted["before"] or wanted["after"]
    order = _SMALLEST_FIRST if backwards else _LARGEST_FIRST
    beyond, place = _beyond(key, backwards=backwards) if key else ("true", [])
    with _pairs(first, second) as (connection, pairs):
        found = connection.execute(
            f"select * from {_differing(pairs, only)} where {beyond} "  # noqa: S608
            f"order by {order} limit {size + 1}",
            place,
        ).fetchall()
    more, rows = len(found) > size, [Differing(*row) for row in found[:size]]
    if backwards:
        rows.reverse()
    before, after = (more, True) if backwards else (bool(key), more)
    return Page(
        rows,
        _key(rows[0]) if rows and before else "",
        _key(rows[-1]) if rows and after else "",
    )


def differing_csv(first: Batch, second: Batch) -> Iterator[str]:
    """Every row on which the verdicts differ, in the order of the pages."""
    yield _lines([["row", "name", *map(_column, (first, second)), "difference"]])
    with _pairs(first, second) as (connection, pairs):
        cursor = connection.execute(
            "select row, name, first::varchar, second::varchar, distance "  # noqa: S608
            f"from {_differing(pairs)} order by {_LARGEST_FIRST}"
        )
        while block := cursor.fetchmany(_BLOCK):
            yield _lines(block)


@contextmanager
def _pairs(
    first: Batch, second: Batch
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection, and what to select from: each row of `a` beside that of `b`."""
    files = {batch: _files(batch) for batch in (first, second)}
    with reading(files) as connection:
        for name, batch in (("a", first), ("b", second)):
            connection.execute(f"create temp view {name} as {_written(files[batch])}")
        # As good as always both have the same rows in the same places, for which no
        # table of all of them is needed: a third of the time.
        beside = "a positional join b"
        same = "bool_and(a.row is not distinct from b.row)"
        found = connection.execute(f"select {same} from {beside}").fetchone()  # noqa: S608
        is_same = bool(found and found[0])
        yield connection, beside if is_same else "a full join b on a.row = b.row"


def _files(batch: Batch) -> list[Path]:
    names = batch.chunks.exclude(part="").order_by("number")
    return [batch.folder / name for name in names.values_list("part", flat=True)]


def _written(files: Sequence[Path]) -> str:
    return f"select {_SCORED} from {parquet.scan(files)}" if files else _UNSCORED  # noqa: S608


def _differing(pairs: str, only: str = "") -> str:
    return f"(select {_DIFFERING} from {pairs} where {KINDS[only]})"  # noqa: S608


def _median(steps: Mapping[int, int]) -> float | None:
    left = (sum(steps.values()) + 1) // 2
    for step in sorted(steps):
        left -= steps[step]
        if left <= 0:
            return step / _STEPS
    return None


def _beyond(key: tuple[Any, int], *, backwards: bool) -> tuple[str, list[Any]]:
    """The condition for what comes after this key."""
    distance, row = key
    further, later = (">", "<") if backwards else ("<", ">")
    clause = f"(distance {further} ? or (distance = ? and row {later} ?))"
    return clause, [distance, distance, row]


def _key(row: Differing) -> str:
    return json.dumps([row.distance, row.row], separators=(",", ":"))


def _column(batch: Batch) -> str:
    return f"probability_batch_{batch.pk}"


def _lines(records: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    safe_csv.write(text, records)
    return text.getvalue()
