"""The order of a table, and what comes after a place in it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import duckdb

from showroom.forms import Key

# Metadata are text. Where that is a number, it is sorted as one; other text comes
# behind the numbers, and what is missing behind everything, in both directions. The
# greatest of numbers is NaN, so that the lesser one leaves neither it nor a gap.
_NUMBER = "least({sign}try_cast({} as double), 'infinity'::double)"
_TEXT = "nullif({}, '')"
_TEXTS = {"name", "warnings"}


class _Term(NamedTuple):
    """What is sorted by: as SQL of a column, and whether it can be missing."""

    sql: str
    descending: bool
    nullable: bool = False
    # The same type on both sides, or no group of rows is passed over.
    operand: str = "?"


class Order:
    """By one column, ties by row; a page backwards is read from its end."""

    def __init__(self, sort: str, *, backwards: bool = False) -> None:
        self.column = sort.removeprefix("-")
        self.backwards = backwards
        self._terms = _terms(self.column, descending=sort.startswith("-"))

    @property
    def from_last(self) -> bool:
        """Whether high row numbers come first, so that their parts are read first."""
        first = self._terms[0]
        by_row = self.column == "row" and first.descending
        return by_row != self.backwards

    @property
    def clause(self) -> str:
        """For the place behind ``order by`` where rows are read from `scores`."""
        return self._by(term.sql.format(self.column) for term in self._terms)

    @property
    def terms(self) -> str:
        """What is sorted by, as columns, so that a text is made a number but once."""
        return ", ".join(
            f"{term.sql.format(self.column)} as {name}"
            for name, term in self._named.items()
        )

    @property
    def clause_of_terms(self) -> str:
        """The same as `clause`, of the columns that are `terms`."""
        return self._by(self._named)

    def beyond(
        self, connection: duckdb.DuckDBPyConnection, key: Key
    ) -> tuple[str, list[Any]]:
        """The condition on `terms` for what comes after this key."""
        value, row = key
        condition, values = f"row {'<' if self.backwards else '>'} ?", [row]
        places = self._places(connection, value)
        for name, place in reversed(list(zip(self._named, places, strict=True))):
            condition, values = self._further(name, place, condition, values)
        return condition, values

    def key(self, row: Mapping[str, Any]) -> str:
        """The place of a row, for an address."""
        return json.dumps([row[self.column], row["row"]], separators=(",", ":"))

    def _places(
        self, connection: duckdb.DuckDBPyConnection, value: str | float | None
    ) -> tuple[Any, ...]:
        """Where a value stands in each term, as the database itself sees it."""
        if len(self._terms) == 1:
            return (value,)
        asked = ", ".join(term.sql.format("?::varchar") for term in self._terms)
        found = connection.execute(f"select {asked}", [value] * len(self._terms))
        return found.fetchone() or ()

    @property
    def _named(self) -> dict[str, _Term]:
        return {f"term_{place}": term for place, term in enumerate(self._terms)}

    def _by(self, columns: Iterable[str]) -> str:
        missing = "first" if self.backwards else "last"
        terms = [
            f"{column} {'desc' if term.descending != self.backwards else 'asc'}"
            + (f" nulls {missing}" if term.nullable else "")
            for column, term in zip(columns, self._terms, strict=True)
        ]
        return ", ".join([*terms, f"row {'desc' if self.backwards else 'asc'}"])

    def _further(
        self, name: str, place: Any, rest: str, values: list[Any]
    ) -> tuple[str, list[Any]]:
        """What is beyond in this term, or level in it and beyond in the rest."""
        term = self._named[name]
        at = term.operand
        way = "<" if term.descending != self.backwards else ">"
        if not term.nullable:
            # Two steps: the first one passes over whole groups of rows.
            condition = f"({name} {way}= {at} and ({name} {way} {at} or {rest}))"
            return condition, [place, place, *values]
        if place is None:
            level = f"({name} is null and {rest})"
            either = f"({name} is not null or {level})"
            return either if self.backwards else level, values
        missing = "" if self.backwards else f" or {name} is null"
        condition = f"({name} {way} {at} or ({name} = {at} and {rest}){missing})"
        return condition, [place, place, *values]


def _terms(column: str, *, descending: bool) -> list[_Term]:
    if column.startswith("meta_"):
        # Negated instead of reversed, so that what is no number stays behind.
        number = _NUMBER.format("{}", sign="-" if descending else "")
        return [
            _Term(number, descending=False),
            _Term(_TEXT, descending, nullable=True),
        ]
    if column in _TEXTS:
        return [_Term("{}", descending, nullable=True)]
    if column == "probability":
        return [_Term("{}", descending, operand="try_cast(? as float)")]
    return [_Term("{}", descending)]
