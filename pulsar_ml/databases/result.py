"""The table that results are written into: its columns, and how to make it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulsar_ml.databases.dialects import Dialect

# So many characters; with the schedule's it fits into what a key may be anywhere.
LONGEST_KEY = 255
_LONGEST_SCHEDULE = 50
_LONGEST_MODEL = 100

KEY = ("schedule", "candidate_key")
# What differs from row to row.
VARYING = ("candidate_key", "probability", "predicted", "warnings")
# What all rows of a run have in common.
COMMON = ("schedule", "model", "version", "run", "scored_at")
COLUMNS = (*KEY, *VARYING[1:3], *COMMON[1:], VARYING[3])


def types(dialect: "Dialect", key: str) -> dict[str, str]:
    """Give the type of each column.

    Parameters
    ----------
    dialect : Dialect
        Of the database.
    key : str
        "integer" or "text".

    Returns
    -------
    dict
        SQL by column, in the order of the table.
    """
    keys = {"integer": dialect.integer, "text": dialect.key_text(LONGEST_KEY)}
    of = {
        "schedule": dialect.key_text(_LONGEST_SCHEDULE),
        "candidate_key": keys[key],
        "probability": dialect.double,
        "predicted": dialect.integer,
        "model": dialect.key_text(_LONGEST_MODEL),
        "version": dialect.integer,
        "run": dialect.integer,
        "scored_at": dialect.timestamp,
        "warnings": dialect.text,
    }
    return {name: of[name] for name in COLUMNS}


def creation(dialect: "Dialect", table: str, key: str) -> str:
    """Write what makes the table.

    Parameters
    ----------
    dialect : Dialect
        Of the database.
    table : str
        As people write it.
    key : str
        "integer" or "text".

    Returns
    -------
    str
        One statement.
    """
    columns = [
        f"{dialect.name_of(name)} {kind} NOT NULL"
        for name, kind in types(dialect, key).items()
    ]
    unique = f"PRIMARY KEY ({names(dialect, KEY)})"
    # Another engine may be what the server takes unless told, one without transactions.
    engine = " ENGINE=InnoDB" if dialect.name == "MariaDB" else ""
    return (
        f"CREATE TABLE {dialect.table(table)} ({', '.join([*columns, unique])}){engine}"
    )


def names(dialect: "Dialect", columns: Sequence[str]) -> str:
    """Write columns as SQL.

    Parameters
    ----------
    dialect : Dialect
        Of the database.
    columns : sequence of str
        Their names.

    Returns
    -------
    str
        Quoted, with commas between them.
    """
    return ", ".join(map(dialect.name_of, columns))
