"""What rows are read in the order of: whole numbers, numbers, texts and times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from pulsar_ml.databases import dialects
from pulsar_ml.databases.dialects import Dialect
from pulsar_ml.databases.relation import Column
from pulsar_ml.errors import DatabaseFault

INTEGER, FLOAT, DECIMAL, TEXT, TIME = "integer", "float", "decimal", "text", "time"
# What a key may be at most: the table of results has as much room.
LONGEST_KEY = 255
_INT64 = 2**63
_FIRST = datetime.fromisoformat("0001-01-01")
_READ = {INTEGER: int, FLOAT: float, DECIMAL: Decimal, TEXT: str, TIME: str}
_WORDS = {
    INTEGER: "whole numbers",
    FLOAT: "numbers",
    DECIMAL: "numbers",
    TEXT: "texts",
    TIME: "times",
}


def key_kind(column: Column, value: object) -> str:
    """Say what a key is made of.

    Parameters
    ----------
    column : Column
        Of the keys.
    value : object
        One of them.

    Returns
    -------
    str
        `INTEGER` or `TEXT`.

    Raises
    ------
    DatabaseFault
        It is neither.
    """
    if column.type in (None, str) and isinstance(value, str):
        return TEXT
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise DatabaseFault(_no_key(column, value))
    if value != int(value):
        raise DatabaseFault(_no_key(column, value))
    return INTEGER


def _no_key(column: Column, value: object) -> str:
    return (
        f"The key {column.name} must be a whole number or a text; it holds "
        f"{str(value)[:80]}."
    )


def mark_kind(column: Column, value: object) -> str:
    """Say what a mark is made of.

    Parameters
    ----------
    column : Column
        Of the marks.
    value : object
        One of them.

    Returns
    -------
    str
        One of the kinds but `TEXT`.

    Raises
    ------
    DatabaseFault
        No order by it means anything.
    """
    if isinstance(value, str) and _time(value):
        return TIME
    kinds = {int: INTEGER, float: FLOAT, Decimal: DECIMAL}
    kind = kinds.get(type(value))
    if kind is None or (kind != INTEGER and not isfinite(value)):  # type: ignore[arg-type]
        raise DatabaseFault(
            f"The column {column.name} must hold numbers or times, to tell what is "
            f"new; it holds {str(value)[:80]}."
        )
    return kind


def alike(column: Column, kind: str, values: Sequence[Any]) -> list[Any]:
    """Make sure that all keys or marks of a page are of one kind.

    Parameters
    ----------
    column : Column
        Where they stand.
    kind : str
        What they must be.
    values : sequence
        Of a page.

    Returns
    -------
    list
        Of that kind's type.

    Raises
    ------
    DatabaseFault
        One is not; or a key is too long.
    """
    wanted = _READ[kind]
    if kind == TEXT:
        long = [value for value in values if len(str(value)) > LONGEST_KEY]
        if long:
            raise DatabaseFault(
                f"The key {column.name} must have at most {LONGEST_KEY} characters, "
                f"not like {long[0][:80]}…"
            )
    if set(map(type, values)) <= {wanted}:
        return list(values)
    if kind in (INTEGER, FLOAT) and all(_is_close(value, kind) for value in values):
        return list(map(wanted, values))
    odd = next(value for value in values if not isinstance(value, wanted))
    raise DatabaseFault(
        f"The column {column.name} holds {_WORDS[kind]}, but also {str(odd)[:80]}: no "
        "order by it means anything."
    )


def _is_close(value: object, kind: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    return isfinite(value) and (kind == FLOAT or value == int(value))


def bound(value: Any, kind: str, column: Column, dialect: Dialect) -> tuple[str, Any]:
    """Write a value for a comparison.

    Parameters
    ----------
    value : int, float, Decimal or str
        What is compared with.
    kind : str
        What it is.
    column : Column
        What is compared.
    dialect : Dialect
        Of the database.

    Returns
    -------
    str, object
        SQL with one ``?``, and the parameter.
    """
    if kind == TIME and column.type not in (None, str):
        # Drivers cut times to whole seconds.
        wide = "DATETIME2(7)" if dialect is dialects.SQLSERVER else dialect.timestamp
        return f"CAST(? AS {wide})", value
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return "?", Decimal(value)
    return "?", value


def earlier(value: Any, kind: str, overlap: float) -> Any:
    """Go back from a mark by the overlap.

    Parameters
    ----------
    value : int, float, Decimal or str
        The mark.
    kind : str
        What it is.
    overlap : float
        Seconds of a time, else units.

    Returns
    -------
    int, float, Decimal or str
        Of the same kind. A text has nothing before it.
    """
    if not overlap or kind == TEXT:
        return value
    if kind == TIME:
        at = _time(value)
        try:
            before = (at or _FIRST) - timedelta(seconds=overlap)
        except OverflowError:
            before = _FIRST
        between = "T" if "T" in value else " "
        # Whole seconds: as a text too it stands before all that are within them.
        return before.isoformat(sep=between, timespec="seconds")
    if kind == INTEGER:
        return value - int(overlap)
    return value - (Decimal(str(overlap)) if kind == DECIMAL else overlap)


def plain(text: str) -> str:
    """Write a time as people read it.

    Parameters
    ----------
    text : str
        As the database writes it.

    Returns
    -------
    str
        In UTC, without a zone, and without a fraction of nothing.
    """
    return str(_time(text) or text)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def written(value: Any) -> str:
    """Write a key or a mark as a text.

    Parameters
    ----------
    value : int, float, Decimal or str
        Any.

    Returns
    -------
    str
        What `read` reads.
    """
    return repr(value) if isinstance(value, float) else str(value)


def read(text: str, kind: str) -> Any:
    """Read what `written` wrote.

    Parameters
    ----------
    text : str
        The text.
    kind : str
        What it stands for.

    Returns
    -------
    int, float, Decimal or str
        The value.
    """
    return _READ[kind](text)
