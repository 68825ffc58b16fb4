"""A part of a batch as rows of the table of results: by key, each key once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pulsar_ml import parquet
from pulsar_ml.databases.result import LONGEST_KEY
from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    import duckdb

Key = int | str
_INT64 = 2**63


class Part(NamedTuple):
    """What a part has for the table of results.

    Attributes
    ----------
    scored : dict
        Probability, prediction and warnings by key.
    rejected : set
        Keys of the rows that could not be used, and are not among the scored.
    repeated : int
        How many rows were left out since their key came again later.
    """

    scored: dict[Key, tuple[float, int, str]]
    rejected: set[Key]
    repeated: int


def read(
    opened: "duckdb.DuckDBPyConnection",
    files: Mapping[str, Any],
    *,
    key: str,
    prefix: str = "",
) -> Part:
    """Read a part.

    Parameters
    ----------
    opened : DuckDBPyConnection
        What reads Parquet.
    files : mapping
        With the paths ``part`` and ``rejects``, or nothing in their place.
    key : str
        "integer" or "text".
    prefix : str, optional
        With it, the key of a candidate is that and its row; without, its name.

    Returns
    -------
    Part
        Of so many rows as a part has.

    Raises
    ------
    DatabaseFault
        A name cannot be a key.
    """
    scored: dict[Key, tuple[float, int, str]] = {}
    rows: list[tuple[Any, ...]] = []
    key_of = _keys(key, prefix)
    if files["part"]:
        columns = "row, name, probability, predicted, warnings"
        rows = _rows(opened, files["part"], columns)
        for row, name, probability, predicted, warnings in rows:
            scored[key_of(row, name)] = probability, predicted, warnings
    rejected: set[Key] = set()
    if files["rejects"]:
        rejected = _rejected(opened, files["rejects"], key_of)
    return Part(scored, rejected.difference(scored), len(rows) - len(scored))


def _rows(
    opened: "duckdb.DuckDBPyConnection", file: str, columns: str
) -> list[tuple[Any, ...]]:
    query = f"SELECT {columns} FROM {parquet.scan([Path(file)])}"  # noqa: S608
    rows: list[tuple[Any, ...]] = opened.execute(query).fetchall()
    return rows


def _rejected(
    opened: "duckdb.DuckDBPyConnection",
    file: str,
    key_of: Callable[[int, str], Key],
) -> set[Key]:
    """Give the keys of rejects; what can be no key is nowhere in the table."""
    described = opened.execute(f"DESCRIBE FROM {parquet.scan([Path(file)])}").fetchall()
    if all(column != "name" for column, *_ in described):
        return set()
    keys = set()
    for row, name in _rows(opened, file, "row, name"):
        try:
            keys.add(key_of(row, name or ""))
        except DatabaseFault:
            continue
    return keys


def _keys(key: str, prefix: str) -> Callable[[int, str], Key]:
    if prefix:
        return lambda row, _: f"{prefix}{row}"
    return _integer if key == "integer" else _text


def _integer(row: int, name: str) -> int:
    try:
        number = int(name)
    except ValueError:
        number = _INT64
    # Python reads more than what is written as a number in a table, like 1_000.
    if str(number) != name or not -_INT64 <= number < _INT64:
        raise DatabaseFault(
            f"Row {row} is called {name or 'nothing'}, which is no integer: it cannot "
            "be the key of a result."
        )
    return number


def _text(row: int, name: str) -> str:
    if not name or len(name) > LONGEST_KEY:
        words = f"a name of {len(name)} characters" if name else "no name"
        raise DatabaseFault(
            f"Row {row} has {words}: the key of a result has 1 to {LONGEST_KEY}."
        )
    return name
