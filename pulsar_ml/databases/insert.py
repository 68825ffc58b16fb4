"""Many rows in one statement: the fastest way that each database and driver takes."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pulsar_ml.databases import result
from pulsar_ml.databases.connect import driver_errors
from pulsar_ml.databases.dialects import MARIADB, POSTGRESQL

if TYPE_CHECKING:
    from pulsar_ml.databases.connect import Connection

Row = tuple[Any, ...]

# One parameter for all rows of a statement takes a fourth of the time that one for each
# value does. Larger texts than these take longer again.
_JSON_ROWS = 5_000
# Servers refuse a statement that is much longer.
_JSON_LENGTH = 2**20
_VALUES_ROWS = 500
# Drivers fail beyond with words that mean something else: MariaDB's counts in 16 bits,
# and PostgreSQL's library takes the description of 7,500 for a broken connection.
_MOST_PARAMETERS = {"MariaDB": 32_767, "PostgreSQL": 7_000, "SQLite": 32_766}
_SQLSERVER_PARAMETERS = 2_000


class Insert(NamedTuple):
    """How rows go into the table.

    Attributes
    ----------
    rows : int
        How many a statement takes.
    put : callable
        From what all rows have in common, and so many rows in the order of
        `result.VARYING`.
    """

    rows: int
    put: Callable[[Row, Sequence[Row]], None]


def most_parameters(connection: "Connection") -> int:
    """Tell how many values a statement may have.

    Parameters
    ----------
    connection : Connection
        To the database.

    Returns
    -------
    int
        What its driver takes.
    """
    return _MOST_PARAMETERS.get(connection.dialect.name, _SQLSERVER_PARAMETERS)


def best(connection: "Connection", table: str, key: str) -> Insert:
    """Choose how rows go into a table.

    Parameters
    ----------
    connection : Connection
        Outside of a transaction.
    table : str
        As people write it.
    key : str
        "integer" or "text".

    Returns
    -------
    Insert
        The fastest way that this server knows.
    """
    dialect = connection.dialect
    into = (
        f"INSERT INTO {dialect.table(table)} "
        f"({result.names(dialect, (*result.COMMON, *result.VARYING))})"
    )
    if not connection.through_odbc:
        return _one_by_one(connection, into)
    if dialect in _FROM_JSON and _knows_json(connection):
        return _by_json(connection, f"{into} {_FROM_JSON[dialect](key)}")
    return _by_values(connection, into)


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Cut rows into so many at a time.

    Parameters
    ----------
    rows : sequence
        Any.
    size : int
        How many.

    Yields
    ------
    sequence
        The next.
    """
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _one_by_one(connection: "Connection", into: str) -> Insert:
    """Let Python's own module repeat one statement, which no text is faster than."""
    marks = ", ".join("?" * len(result.COLUMNS))

    def put(common: Row, rows: Sequence[Row]) -> None:
        filled = [(*common, *row) for row in rows]
        connection.executemany(f"{into} VALUES ({marks})", filled)

    return Insert(_JSON_ROWS, put)


def _by_values(connection: "Connection", into: str) -> Insert:
    width = len(result.COLUMNS)
    mark = f"({', '.join('?' * width)})"

    def put(common: Row, rows: Sequence[Row]) -> None:
        marks = ", ".join([mark] * len(rows))
        values = [value for row in rows for value in (*common, *row)]
        connection.execute(f"{into} VALUES {marks}", values)

    most = most_parameters(connection) // width
    return Insert(min(_VALUES_ROWS, most), put)


def _by_json(connection: "Connection", sql: str) -> Insert:
    def put(common: Row, rows: Sequence[Row]) -> None:
        # Numbers are written so that they are read as the very same.
        text = json.dumps(rows)
        if len(text) > _JSON_LENGTH and len(rows) > 1:
            for half in chunks(rows, -(-len(rows) // 2)):
                put(common, half)
        else:
            connection.execute(sql, (*common, text))

    return Insert(_JSON_ROWS, put)


def _knows_json(connection: "Connection") -> bool:
    """Whether the server knows JSON as a table; MariaDB does since 10.6."""
    if connection.dialect is not MARIADB:
        return True
    try:
        connection.execute(
            "SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (k INT PATH '$')) v"
        ).fetchall()
    except driver_errors():
        return False
    return True


def _from_mariadb(key: str) -> str:
    text = f"VARCHAR({result.LONGEST_KEY}) CHARACTER SET utf8mb4"
    kinds = {
        "k": "BIGINT" if key == "integer" else text,
        "p": "DOUBLE",
        "d": "INT",
        "w": "LONGTEXT CHARACTER SET utf8mb4",
    }
    columns = ", ".join(
        f"{name} {kind} PATH '$[{place}]' ERROR ON ERROR"
        for place, (name, kind) in enumerate(kinds.items())
    )
    return (
        "SELECT ?, ?, ?, ?, ?, v.k, v.p, v.d, v.w "  # noqa: S608  # ours
        f"FROM JSON_TABLE(?, '$[*]' COLUMNS ({columns})) v"
    )


def _from_postgresql(key: str) -> str:
    kind = "bigint" if key == "integer" else "text"
    return (
        "SELECT ?, ?, ?, ?, CAST(? AS timestamp), CAST(v ->> 0 AS "  # noqa: S608
        f"{kind}), CAST(v ->> 1 AS double precision), CAST(v ->> 2 AS integer), "
        "v ->> 3 FROM json_array_elements(CAST(? AS json)) AS v"
    )


_FROM_JSON = {MARIADB: _from_mariadb, POSTGRESQL: _from_postgresql}
