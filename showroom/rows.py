"""The table over every row of a batch, read from its parts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import duckdb
from django.conf import settings

from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from showroom import parts
from showroom.forms import Key
from showroom.models import Batch

Row = dict[str, Any]
_BLOCK = 2_000

# What a part holds besides metadata. Cases of the current hour are in no part yet;
# they join with a part's types.
_TYPES = {
    "row": "bigint",
    "name": "varchar",
    **dict.fromkeys(FEATURES, "double"),
    "probability": "float",
    "predicted": "tinyint",
    "warnings": "varchar",
}
_ADD_CASE = (
    f"insert into scores_of_cases ({', '.join(_TYPES)}) "  # noqa: S608  # ours only
    f"values ({', '.join('?' * len(_TYPES))})"
)


class Page(NamedTuple):
    """Some rows in their order, and the keys at which its neighbours begin."""

    rows: list[Row]
    total: int
    previous: str
    next: str


class Neighbours(NamedTuple):
    """The numbers of the rows beside one; None at an end."""

    previous: int | None
    next: int | None


def page(batch: Batch, wanted: Mapping[str, Any], size: int) -> Page:
    """One page of the rows that are wanted, found by key and not by counting."""
    order = _Order(wanted["sort"], backwards=bool(wanted["before"]))
    where, values = _where(wanted)
    beyond = wanted["before"] or wanted["after"]
    with _scores(batch) as connection:
        found = connection.execute(
            f"select count(*) from scores where {where}",  # noqa: S608  # ours only
            values,
        ).fetchone()
        key, place = order.beyond(beyond) if beyond else ("true", [])
        cursor = connection.execute(
            f"select * from scores where {where} and {key} "  # noqa: S608
            f"order by {order.clause} limit {size + 1}",
            [*values, *place],
        )
        rows = _rows(cursor, cursor.fetchall())
    more, rows = len(rows) > size, rows[:size]
    if order.backwards:
        rows.reverse()
    before, after = (more, True) if order.backwards else (bool(beyond), more)
    return Page(
        rows,
        found[0] if found else 0,
        order.key(rows[0]) if rows and before else "",
        order.key(rows[-1]) if rows and after else "",
    )


def blocks(
    batch: Batch, wanted: Mapping[str, Any], columns: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    """All rows that are wanted, in their order, as these columns, some at a time."""
    order = _Order(wanted["sort"])
    where, values = _where(wanted)
    with _scores(batch) as connection:
        cursor = connection.execute(
            f"select {', '.join(columns)} from scores where {where} "  # noqa: S608
            f"order by {order.clause}",
            values,
        )
        while block := cursor.fetchmany(_BLOCK):
            yield block


def one(batch: Batch, number: int) -> Row | None:
    """The row of this number, unless it is a reject or there is none."""
    with _scores(batch) as connection:
        cursor = connection.execute("select * from scores where row = ?", [number])
        found = _rows(cursor, cursor.fetchall())
    return found[0] if found else None


def neighbours(batch: Batch, wanted: Mapping[str, Any], row: Row) -> Neighbours:
    """The rows before and after this one in the order of a table."""
    where, values = _where(wanted)
    found = []
    with _scores(batch) as connection:
        for backwards in (True, False):
            order = _Order(wanted["sort"], backwards=backwards)
            beyond, place = order.beyond((row[order.column], row["row"]))
            cursor = connection.execute(
                f"select row from scores where {where} and {beyond} "  # noqa: S608
                f"order by {order.clause} limit 1",
                [*values, *place],
            )
            found += [next(iter(cursor.fetchone() or ()), None)]
    return Neighbours(*found)


def rejects(
    batch: Batch, limit: int | None = None, number: int | None = None
) -> Iterator[Row]:
    """What could not be used, in the order of the input; or the one of this number."""
    names = batch.chunks.exclude(rejects="").order_by("number")
    files = [batch.folder / name for name in names.values_list("rejects", flat=True)]
    if not files:
        return
    with _connection(batch) as connection:
        only = "where row = ?" if number else ""
        most = f"limit {limit}" if limit else ""
        cursor = connection.execute(
            f"select * from {parquet.scan(files)} {only} order by row {most}",  # noqa: S608
            [number] if number else [],
        )
        while block := cursor.fetchmany(_BLOCK):
            yield from _rows(cursor, block)


class _Order:
    """By one column, ties by row; a page backwards is read from its end."""

    def __init__(self, sort: str, *, backwards: bool = False) -> None:
        self.column = sort.removeprefix("-")
        self.backwards = backwards
        self.descending = sort.startswith("-") != backwards
        self.down = backwards

    @property
    def clause(self) -> str:
        first = f"{self.column} {'desc' if self.descending else 'asc'}"
        return f"{first}, row {'desc' if self.down else 'asc'}"

    def beyond(self, key: Key) -> tuple[str, list[Any]]:
        """The condition for what comes after this key."""
        value, row = key
        further = "<" if self.descending else ">"
        later = "<" if self.down else ">"
        column = self.column
        return (
            f"({column} {further} ? or ({column} = ? and row {later} ?))",
            [value, value, row],
        )

    def key(self, row: Row) -> str:
        return json.dumps([row[self.column], row["row"]], separators=(",", ":"))


def _where(wanted: Mapping[str, Any]) -> tuple[str, list[Any]]:
    conditions: list[tuple[str, Any]] = []
    if wanted["text"]:
        conditions.append(("contains(lower(name), lower(?))", wanted["text"]))
    if wanted["predicted"]:
        conditions.append(("predicted = ?", int(wanted["predicted"])))
    if wanted["warning"] == "none":
        conditions.append(("warnings = ?", ""))
    elif wanted["warning"]:
        conditions.append(("contains(warnings, ?)", wanted["warning"]))
    if wanted["low"] is not None:
        conditions.append(("probability >= ?", wanted["low"]))
    if wanted["high"] is not None:
        conditions.append(("probability <= ?", wanted["high"]))
    clause = " and ".join(condition for condition, _ in conditions) or "true"
    return clause, [value for _, value in conditions]


def metadata_columns(batch: Batch) -> list[str]:
    """What the batch's own columns are called in its parts."""
    return [f"meta_{place}" for place in range(len(batch.columns))]


@contextmanager
def _connection(batch: Batch) -> Iterator[duckdb.DuckDBPyConnection]:
    limits = settings.PULSAR.tables
    with parquet.connection(
        parts.temporary(),
        folders=[batch.folder],
        memory=limits.memory,
        threads=limits.threads,
    ) as connection:
        yield connection


@contextmanager
def _scores(batch: Batch) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which `scores` is the whole batch as it is listed now."""
    # Cases first: what is sealed after this line stands in a part as well, and the
    # ledger then says up to which row.
    cases = list(batch.predictions.all()) if batch.day else []
    ledger = list(batch.chunks.order_by("number"))
    files = [batch.folder / line.part for line in ledger if line.part]
    sealed = ledger[-1].first_row + ledger[-1].n_rows if ledger else 1
    types = _TYPES | dict.fromkeys(metadata_columns(batch), "varchar")
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    with _connection(batch) as connection:
        connection.execute(f"create temp table scores_of_cases ({columns})")
        for case in cases:
            if case.row >= sealed:
                connection.execute(_ADD_CASE, parts.values(case))
        written = f"union all by name from {parquet.scan(files)}" if files else ""
        connection.execute(f"create temp view scores as from scores_of_cases {written}")
        yield connection


def _rows(
    cursor: duckdb.DuckDBPyConnection, block: Sequence[tuple[Any, ...]]
) -> list[Row]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in block]
