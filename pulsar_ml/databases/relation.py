"""What is read: a table or a SELECT, its columns, and how each comes over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pulsar_ml.databases import dialects, select
from pulsar_ml.databases.connect import Connection
from pulsar_ml.errors import DatabaseFault

# What is longer is cut by the database: a page of long texts would not fit into memory.
LONGEST = 1_000
_NUMBERS = (int, float, Decimal, bool)
_KINDS: Mapping[Any, str] = {
    int: "integer",
    bool: "integer",
    float: "number",
    Decimal: "number",
    str: "text",
    datetime: "time",
    date: "time",
}


@dataclass(frozen=True)
class Column:
    """A column as the database describes it.

    Attributes
    ----------
    name : str
        Its own spelling.
    type : type or None
        Of its values in Python, as ODBC says; None where values have types of their
        own, as those of SQLite have.
    nullable : bool
        False only where the database is sure.
    """

    name: str
    type: type | None
    nullable: bool

    @property
    def kind(self) -> str:
        """Say in one word what it holds.

        Returns
        -------
        str
            Nothing where only its values tell.
        """
        return _KINDS.get(self.type, "other") if self.type else ""


class Relation:
    """A table, or a SELECT that stands for one; in SQL its rows are called ``t``.

    Parameters
    ----------
    connection : Connection
        Where it is.
    table, query : str
        One of them.

    Attributes
    ----------
    sql : str
        For behind FROM.
    columns : tuple of Column
        In their order.
    """

    def __init__(self, connection: Connection, table: str, query: str) -> None:
        self.dialect = connection.dialect
        self._quotes = connection.through_odbc and self.dialect is dialects.SQLITE
        self._title = table or "the query"
        if table:
            self.sql = f"{self.dialect.table(table)} t"
        else:
            self.sql = f"({select.checked(query, self.dialect)}) t"
        told = connection.execute(f"SELECT t.* FROM {self.sql} WHERE 1 = 0")  # noqa: S608
        self.columns = tuple(
            Column(
                name,
                None if self._quotes or not connection.through_odbc else kind,
                null_ok is not False,
            )
            for name, kind, *_, null_ok in told.description
        )
        told.fetchall()
        told.close()

    def find(self, name: str) -> Column:
        """Find a column; the database's own spelling comes first.

        Parameters
        ----------
        name : str
            As somebody wrote it.

        Returns
        -------
        Column
            It.

        Raises
        ------
        DatabaseFault
            There is none, or there are two; the message lists what there is.
        """
        for alike in (str, str.casefold):
            found = [c for c in self.columns if alike(c.name) == alike(name)]
            if len(found) == 1:
                return found[0]
            if found:
                raise DatabaseFault(f"{self._title} has two columns called {name}.")
        have = ", ".join(column.name for column in self.columns)
        raise DatabaseFault(
            f"{self._title} has no column {name}. It has: {have[:LONGEST]}."
        )

    def place(self, column: Column) -> str:
        """Write a column as SQL.

        Parameters
        ----------
        column : Column
            Of this relation.

        Returns
        -------
        str
            To compare and to order by.
        """
        # Without the name of its table SQLite would take a name that is not there for
        # a text.
        return f"t.{self.dialect.name_of(column.name)}"

    def shown(self, column: Column, longest: int = LONGEST) -> str:
        """Write what of a column is fetched: numbers as they are, all else as text.

        Parameters
        ----------
        column : Column
            Of this relation.
        longest : int
            Texts are cut behind one character more.

        Returns
        -------
        str
            An expression. What a driver makes of times, of long texts and of
            characters differs too much to be of use.
        """
        place = self.place(column)
        if self._quotes:
            # Its ODBC driver cuts a number to 15 digits and makes NULL of other types.
            return f"quote({place})"
        if column.type is None or column.type in _NUMBERS:
            return place
        binary = column.type in (bytes, bytearray)
        return _TEXTS[self.dialect.name][binary](place, longest + 1)

    def values(self, cells: Sequence[Any]) -> list[Any]:
        """Take what was fetched of a column as what the database holds.

        Parameters
        ----------
        cells : sequence
            Of one column.

        Returns
        -------
        list
            Numbers, texts, bytes and None.
        """
        return list(map(_unquoted, cells)) if self._quotes else list(cells)


def _unquoted(cell: str) -> object:
    """Read what SQLite's quote() wrote."""
    first = cell[:1]
    if first == "'":
        return cell[1:-1].replace("''", "'")
    if first == "N":
        return None
    if first == "X":
        return bytes.fromhex(cell[2:-1])
    try:
        return int(cell)
    except ValueError:
        return float(cell)


_Text = Callable[[str, int], str]
# For each database: text of anything, text of bytes.
_TEXTS: Mapping[str, tuple[_Text, _Text]] = {
    "MariaDB": (
        "LEFT(CAST({} AS CHAR CHARACTER SET utf8mb4), {})".format,
        "HEX(LEFT({}, {}))".format,
    ),
    "PostgreSQL": (
        "LEFT(CAST({} AS TEXT), {})".format,
        "ENCODE(SUBSTRING({} FROM 1 FOR {}), 'hex')".format,
    ),
    "SQL Server": (
        "LEFT(CONVERT(NVARCHAR(MAX), {}, 126), {})".format,
        "CONVERT(VARCHAR(MAX), SUBSTRING({}, 1, {}), 2)".format,
    ),
}
