"""Pages of a table in the order of (mark, key), each from where the last one ended."""

from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

from pulsar_ml.databases import marks
from pulsar_ml.databases.connect import Connection
from pulsar_ml.databases.reading import Layout
from pulsar_ml.databases.relation import Column, Relation
from pulsar_ml.errors import DatabaseFault

# Where a row stands: its mark, which is None where keys alone give the order; its key.
Edge = tuple[Any, Any]


class Page(NamedTuple):
    """Rows in their order; `values` has what was fetched besides, by column."""

    edges: list[Edge]
    values: dict[Column, list[Any]]


class Keyset:
    """The rows of a relation from a place on, up to what there was at the begin.

    Parameters
    ----------
    connection : Connection
        To the database.
    relation : Relation
        What is read.
    layout : Layout
        Its columns.

    Attributes
    ----------
    key_kind, order_kind : str
        What the keys are, and what gives the order; empty if there is no row.
    """

    def __init__(
        self, connection: Connection, relation: Relation, layout: Layout
    ) -> None:
        self._connection = connection
        self._relation = relation
        self._layout = layout
        self._order = layout.mark or layout.key
        self.key_kind = ""
        self.order_kind = ""
        self.upper: Any = None

    def begin(self) -> bool:
        """Ask once how far there is something to read.

        Returns
        -------
        bool
            False if there is nothing.
        """
        place = self._relation.place(self._order)
        last = f"WHERE {place} IS NOT NULL ORDER BY {place} DESC"
        found = self._some(self._order, last, (), 1)
        if not found:
            return False
        self.upper = found[0]
        mark, key = self._layout.mark, self._layout.key
        if mark is None:
            self.order_kind = self.key_kind = marks.key_kind(key, self.upper)
        else:
            self.order_kind = marks.mark_kind(mark, self.upper)
        (self.upper,) = marks.alike(self._order, self.order_kind, [self.upper])
        return True

    def without(self) -> int:
        """Count the rows that no reading ever finds.

        Returns
        -------
        int
            Their mark or key is NULL.
        """
        places = {
            self._relation.place(column): column.nullable
            for column in (self._layout.mark, self._layout.key)
            if column
        }
        lacking = [f"{place} IS NULL" for place, may in places.items() if may]
        if not lacking:
            return 0
        cursor = self._connection.execute(
            f"SELECT COUNT(*) FROM {self._relation.sql} WHERE {' OR '.join(lacking)}"  # noqa: S608
        )
        ((n_rows,),) = cursor.fetchall()
        return int(n_rows)

    def ties(self, value: Any, most: int) -> list[Any]:
        """List the keys that are one and the same to the database.

        Parameters
        ----------
        value : str
            One of them.
        most : int
            Not more than these.

        Returns
        -------
        list of str
            They differ by case, accents or blanks at their ends.
        """
        key = self._layout.key
        return self._some(key, f"WHERE {self._relation.place(key)} = ?", [value], most)

    def page(self, low: Any, last: Edge | None, limit: int) -> Page:
        """Read rows.

        Parameters
        ----------
        low : object
            From this mark or key on; None from the first.
        last : Edge or None
            From this row on, and it is among them: what is the same to the database
            comes in any order, and some of it may not have been read.
        limit : int
            So many at most.

        Returns
        -------
        Page
            In their order.

        Raises
        ------
        DatabaseFault
            A key stands twice, or what gives the order is of several kinds.
        """
        layout = self._layout
        ordered = [layout.key] if layout.mark is None else [layout.mark, layout.key]
        sql, params = self._sql(ordered, low, last, limit)
        cursor = self._connection.execute(sql, params)
        rows = cursor.fetchmany(limit)
        cursor.close()
        columns = [self._relation.values(cells) for cells in zip(*rows, strict=True)]
        columns = columns or [[] for _ in (*ordered, *layout.fetched)]
        keys = self._keys(columns[len(ordered) - 1])
        found: Any = repeat(None)
        if layout.mark:
            found = marks.alike(layout.mark, self.order_kind, columns[0])
        edges = list(zip(found, keys, strict=False))
        values = dict(zip(layout.fetched, columns[len(ordered) :], strict=True))
        return Page(edges, values)

    def _keys(self, found: Sequence[Any]) -> list[Any]:
        column = self._layout.key
        if found and not self.key_kind:
            self.key_kind = marks.key_kind(column, found[0])
        keys = marks.alike(column, self.key_kind, found) if found else []
        # Results have names without blanks at their ends.
        plain = list(map(str.strip, keys)) if self.key_kind == marks.TEXT else keys
        if len(set(plain)) < len(plain):
            twice = next(key for key, n in Counter(plain).items() if n > 1)
            raise DatabaseFault(
                f"The key {column.name} must name each row once; {twice} stands twice."
            )
        return keys

    def _sql(
        self, ordered: Sequence[Column], low: Any, last: Edge | None, limit: int
    ) -> tuple[str, list[Any]]:
        where = _Where()
        order, key = self._order, self._layout.key
        places = [self._relation.place(column) for column in ordered]
        where.add(f"{places[0]} <= {{}}", self._bound(self.upper, order))
        if self._layout.mark and key.nullable:
            where.add(f"{places[1]} IS NOT NULL")
        if last is None and low is not None:
            where.add(f"{places[0]} >= {{}}", self._bound(low, order))
        elif last is not None and self._layout.mark is None:
            where.add(f"{places[0]} >= {{}}", self._bound(last[1], key))
        elif last is not None:
            mark = self._bound(last[0], order)
            # The first of it is what an index on the marks understands.
            where.add(
                f"{places[0]} >= {{}} AND ({places[0]} > {{}} OR {places[1]} >= {{}})",
                mark,
                mark,
                self._bound(last[1], key),
            )
        fetched = [
            self._relation.shown(key, marks.LONGEST_KEY)
            if column is key
            else self._relation.shown(column)
            for column in (*ordered, *self._layout.fetched)
        ]
        rest = (
            f"FROM {self._relation.sql} WHERE {' AND '.join(where.conditions)} "
            f"ORDER BY {', '.join(places)}"
        )
        return (
            self._connection.dialect.limited(", ".join(fetched), rest, limit),
            where.params,
        )

    def _bound(self, value: Any, column: Column) -> tuple[str, Any]:
        kind = self.order_kind if column is self._order else self.key_kind
        return marks.bound(value, kind, column, self._connection.dialect)

    def _some(
        self, column: Column, rest: str, params: Sequence[Any], most: int
    ) -> list[Any]:
        """Fetch what a column holds in some rows."""
        sql = self._connection.dialect.limited(
            self._relation.shown(column, marks.LONGEST_KEY),
            f"FROM {self._relation.sql} {rest}",
            most,
        )
        rows = self._connection.execute(sql, params).fetchall()
        return self._relation.values([row[0] for row in rows])


class _Where:
    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.params: list[Any] = []

    def add(self, condition: str, *bound: tuple[str, Any]) -> None:
        self.conditions.append(condition.format(*(sql for sql, _ in bound)))
        self.params += [value for _, value in bound]
