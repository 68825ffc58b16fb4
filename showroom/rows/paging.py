"""Some rows at a time, found by key and not by counting."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from showroom import parts
from showroom.models import Batch
from showroom.rows.choosing import where
from showroom.rows.counting import counts, few
from showroom.rows.opening import metadata_columns, scores
from showroom.rows.ordering import Order
from showroom.rows.reading import Row, named


class Page(NamedTuple):
    """Some rows in their order, and the keys at which its neighbours begin."""

    rows: list[Row]
    total: int
    previous: str
    next: str


def page(
    batch: Batch,
    wanted: Mapping[str, Any],
    size: int,
    columns: Sequence[str] | None = None,
    besides: Collection[int] = (),
) -> Page:
    """One page of the rows that are wanted, with these columns or all.

    Which rows these are the column of the order alone tells; the others are read from
    no more parts than hold these rows. Numbers that are to be passed over `besides`
    count in the total all the same.
    """
    order = Order(wanted["sort"], backwards=bool(wanted["before"]))
    key = wanted["before"] or wanted["after"]
    found = _numbers(batch, wanted, order, key, size + 1, besides)
    more, numbers = len(found) > size, found[:size]
    if order.backwards:
        numbers.reverse()
    asked = columns or [*parts.SCORED, *metadata_columns(batch)]
    # What a key is made of is always read, in whatever columns it stands.
    rows = _rows(batch, numbers, list(dict.fromkeys([*asked, "row", order.column])))
    before, after = (more, True) if order.backwards else (bool(key), more)
    return Page(
        rows,
        _total(batch, wanted),
        order.key(rows[0]) if rows and before else "",
        order.key(rows[-1]) if rows and after else "",
    )


def beside(
    batch: Batch, wanted: Mapping[str, Any], row: Row, *, backwards: bool
) -> int | None:
    """The number of the row after this one in the order of a table, or before it."""
    order = Order(wanted["sort"], backwards=backwards)
    key = (row[order.column], row["row"])
    return next(iter(_numbers(batch, wanted, order, key, 1)), None)


def _numbers(
    batch: Batch,
    wanted: Mapping[str, Any],
    order: Order,
    key: Any,
    most: int,
    besides: Collection[int] = (),
) -> list[int]:
    """The numbers of the first wanted rows beyond a key, in the order."""
    wish, values = where(wanted)
    known = few(batch, wanted)
    if known is not None:
        wish, values = "row in (select unnest(?))", [known]
    if besides:
        wish = f"{wish} and row not in (select unnest(?))"
        values = [*values, list(besides)]
    with scores(batch, known, from_last=order.from_last) as connection:
        beyond, place = order.beyond(connection, key) if key else ("true", [])
        found = connection.execute(
            f"select row from (select row, {order.terms} from scores "  # noqa: S608
            f"where {wish}) where {beyond} "  # ours only
            f"order by {order.clause_of_terms} limit {most}",
            [*values, *place],
        ).fetchall()
    return [number for (number,) in found]


def _rows(batch: Batch, numbers: Sequence[int], columns: Sequence[str]) -> list[Row]:
    """The rows of these numbers, in this order."""
    if not numbers:
        return []
    # As a join, which looks at a part's other columns where the row's number fits; to a
    # plain list of numbers they are all unpacked.
    listed = f"select unnest([{', '.join(map(str, numbers))}])"
    with scores(batch, numbers) as connection:
        cursor = connection.execute(
            f"select {', '.join(columns)} from scores where row in ({listed})"  # noqa: S608
        )
        found = {row["row"]: row for row in named(cursor, cursor.fetchall())}
    return [found[number] for number in numbers]


def _total(batch: Batch, wanted: Mapping[str, Any]) -> int:
    is_all = where(wanted)[0] == "true"
    return batch.n_scored if is_all else sum(counts(batch, wanted))
