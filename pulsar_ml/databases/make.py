"""Make the table of results, or see whether the one that is there will do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from pulsar_ml.databases import insert, result
from pulsar_ml.databases.connect import connect, driver_errors
from pulsar_ml.databases.faults import kind, words
from pulsar_ml.databases.layout import Layout, layout
from pulsar_ml.databases.target import Target
from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    from pulsar_ml.databases.connect import Connection

Tell = Callable[[Mapping[str, Any]], None]

# Texts and numbers that a column for less would cut, round or refuse. What a driver
# rounds itself, like SQLite's to 15 digits, has fewer.
_COMMON = ("x" * 42, "x" * 100, 2_147_483_647, 2_147_483_647, "2000-01-02 03:04:05")
_KEYS = {"integer": 2**63 - 1, "text": "x" * 254 + "é"}
_ORDER = (*result.COMMON, *result.VARYING)
_VARYING = (2**-12, 1, "extrapolation;unusual")


def make(order: Mapping[str, Any], tell: Tell) -> None:
    """Make the table of results.

    Parameters
    ----------
    order : mapping
        With ``target``, ``table`` and ``key``.
    tell : callable
        Is told that it is done.

    Raises
    ------
    DatabaseFault
        There is one of this name, or it cannot be made.
    """
    target = Target.from_dict(order["target"])
    with connect(target) as connection:
        if layout(connection, order["table"]):
            raise DatabaseFault(
                f"{target.name} has a table called {order['table']} already."
            )
        connection.execute(
            result.creation(connection.dialect, order["table"], order["key"])
        )
        refuse(problems(connection, target, order["table"], order["key"]))
    tell({"done": True})


def check(order: Mapping[str, Any], tell: Tell) -> None:
    """See whether results can go into a table.

    Parameters
    ----------
    order : mapping
        With ``target``, ``table``, and ``key`` or None where any will do.
    tell : callable
        Is told the problems, whether the table is there, and of what kind its key is.
    """
    target = Target.from_dict(order["target"])
    with connect(target) as connection:
        found = layout(connection, order["table"])
        key = key_of(found) if found else None
        said = problems(connection, target, order["table"], order["key"] or key)
    tell({"problems": said, "is_there": found is not None, "key": key})


def refuse(problems: Sequence[str]) -> None:
    """Go no further with a table that will not do.

    Parameters
    ----------
    problems : sequence of str
        As `problems` gives them.

    Raises
    ------
    DatabaseFault
        There are any.
    """
    if problems:
        raise DatabaseFault(" ".join(problems))


def problems(
    connection: "Connection", target: Target, table: str, key: str | None
) -> list[str]:
    """Say why results cannot go into a table.

    Parameters
    ----------
    connection : Connection
        To its database.
    target : Target
        What it was opened for.
    table : str
        As people write it.
    key : str or None
        "integer" or "text": of what kind the keys of the candidates are.

    Returns
    -------
    list of str
        Sentences; none if they can.
    """
    if target.read_only:
        return [f"{target.name} only reads: results need one with read_only: false."]
    found = layout(connection, table)
    if found is None:
        return [f"{target.name} has no table called {table}."]
    said = [f"{table}: {words}" for words in _of_layout(found, key)]
    return said or _of_trial(connection, target, table, str(key))


def key_of(found: Layout) -> str | None:
    """Tell of what kind the key of a table of results is.

    Parameters
    ----------
    found : Layout
        Of the table.

    Returns
    -------
    str or None
        "integer", "text", or None for neither.
    """
    kind = found.types.get("candidate_key", "").casefold()
    if any(word in kind for word in ("char", "text", "clob")):
        return "text"
    return "integer" if "int" in kind and "interval" not in kind else None


def _of_layout(found: Layout, key: str | None) -> list[str]:
    said = []
    if found.engine:
        said.append(
            f"its engine {found.engine} keeps no transactions, so that a part could be "
            "written by half. It must be one that does, like InnoDB."
        )
    lacking = [name for name in result.COLUMNS if name not in found.types]
    if lacking:
        said.append(f"it has no column {', '.join(lacking)}.")
    elif frozenset(result.KEY) not in found.unique:
        said.append(
            f"{' and '.join(result.KEY)} together must be its primary key, or a "
            "candidate could stand there twice."
        )
    its_own = key_of(found)
    if "candidate_key" in found.types and (its_own is None or its_own != key):
        said.append(
            f"candidate_key is {found.types['candidate_key']}, and the keys of the "
            f"candidates are {key or 'integer or text'}."
        )
    return said


def _of_trial(
    connection: "Connection", target: Target, table: str, key: str
) -> list[str]:
    """Write, read and take back a row: rights and types are seen, not believed."""
    # Of its own, so that nobody who does the same waits for it.
    schedule = f"{_COMMON[0]}{token_hex(4)}"
    written = (schedule, *_COMMON[1:], _KEYS[key], *_VARYING)
    try:
        with _taken_back(connection):
            read = _tried(connection, table, key, written)
    except driver_errors() as error:
        if kind(error).passing:
            raise
        return [f"{table}: no row can be written and deleted. {words(error, target)}"]
    if read is None:
        return [f"{table}: a row that was written is not there."]
    return [
        f"{table}: the column {name} does not keep what is written: {was!r} "
        f"became {kept!r}."
        for name, was, kept in zip(_ORDER, written, read, strict=True)
        if name != "scored_at" and was != kept
    ]


class _TakenBack(Exception):
    """Ends a transaction of which nothing shall stay."""


@contextmanager
def _taken_back(connection: "Connection") -> Iterator[None]:
    with suppress(_TakenBack), connection.transaction():
        yield
        raise _TakenBack


def _tried(
    connection: "Connection", table: str, key: str, row: tuple[Any, ...]
) -> tuple[Any, ...] | None:
    dialect = connection.dialect
    place = dialect.table(table)
    first, second = map(dialect.name_of, result.KEY)
    where = f"WHERE {first} = ? AND {second} = ?"
    values = (row[0], _KEYS[key])
    common = len(result.COMMON)
    insert.best(connection, table, key).put(row[:common], [row[common:]])
    read = connection.execute(
        f"SELECT {result.names(dialect, _ORDER)} FROM {place} {where}",  # noqa: S608
        values,
    ).fetchone()
    connection.execute(f"DELETE FROM {place} {where}", values)  # noqa: S608
    return tuple(read) if read else None
