"""Rows and rejects, one or all."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
from django.db.models import F

from pulsar_ml import parquet
from pulsar_ml.writers.sheet import Query
from showroom.models import Batch
from showroom.rows.choosing import where
from showroom.rows.opening import connection, scores
from showroom.rows.ordering import Order
from showroom.verdicts.chosen import Agreed

Row = dict[str, Any]
_BLOCK = 2_000


def blocks(
    batch: Batch, wanted: Mapping[str, Any], columns: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    """All rows that are wanted, in their order, as these columns, some at a time."""
    with query(batch, wanted) as asked:
        cursor = asked.connection.execute(
            f"select {', '.join(columns)} from {asked.rows} order by {asked.order}",  # noqa: S608
            asked.values,
        )
        while block := cursor.fetchmany(_BLOCK):
            yield block


@contextmanager
def query(batch: Batch, wanted: Mapping[str, Any]) -> Iterator[Query]:
    """All rows that are wanted, in their order, for whoever writes them."""
    wish, values = where(wanted)
    agreed = wanted.get("agreed")
    with scores(batch) as opened:
        order = Order(wanted["sort"]).clause
        table = _with_verdicts(opened, agreed) if agreed else "scores"
        yield Query(opened, f"{table} where {wish}", values, order)


def _with_verdicts(opened: duckdb.DuckDBPyConnection, agreed: Agreed) -> str:
    """The scores with one's own word and the agreed one, where there are some."""
    opened.execute("create temp table said (row bigint, own varchar, agreed varchar)")
    if agreed.rows:
        opened.execute(
            "insert into said select unnest(string_split(?, ',')::bigint[]), "
            "unnest(string_split(?, ',')), unnest(string_split(?, ','))",
            agreed,
        )
    return "scores left join said using (row)"


def one(batch: Batch, number: int) -> Row | None:
    """The row of this number, unless it is a reject or there is none."""
    with scores(batch, [number]) as opened:
        cursor = opened.execute("select * from scores where row = ?", [number])
        found = named(cursor, cursor.fetchall())
    return found[0] if found else None


def rejects(
    batch: Batch,
    limit: int | None = None,
    number: int | None = None,
    after: int = 0,
) -> Iterator[Row]:
    """What could not be used, in the order of the input; or the one of this number."""
    chunks = batch.chunks.exclude(rejects="").order_by("number")
    if number:
        chunks = chunks.filter(first_row__lte=number).reverse()[:1]
    elif after:
        last = F("first_row") + F("n_rows") - 1
        chunks = chunks.alias(last=last).filter(last__gt=after)
    files = [batch.folder / name for name in chunks.values_list("rejects", flat=True)]
    if not files:
        return
    with connection({batch: files}) as opened:
        only = "where row = ?" if number else "where row > ?"
        most = f"limit {limit}" if limit else ""
        cursor = opened.execute(
            f"select * from {parquet.scan(files)} {only} order by row {most}",  # noqa: S608
            [number or after],
        )
        while block := cursor.fetchmany(_BLOCK):
            yield from named(cursor, block)


def named(
    cursor: duckdb.DuckDBPyConnection, block: Sequence[tuple[Any, ...]]
) -> list[Row]:
    """Rows of an answer, by the names of their columns."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in block]
