"""Where a reading ended, and where the next one begins."""

from collections.abc import Mapping
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from pulsar_ml.databases import marks
from pulsar_ml.databases.keyset import Edge, Keyset
from pulsar_ml.databases.reading import Layout
from pulsar_ml.errors import DatabaseFault

# What a person says instead of a position: begin here.
FROM = "from"


def written(last: Edge, keyset: Keyset) -> dict[str, str]:
    """Write where a reading ended.

    Parameters
    ----------
    last : Edge
        The last row that was read.
    keyset : Keyset
        Of that reading.

    Returns
    -------
    dict
        Plain texts; ``shown`` is for people, ``kind`` is what keys are.
    """
    at, key = last[0], marks.written(last[1])
    kinds = {"kind": keyset.key_kind, "mark_kind": ""}
    if at is None:
        return {"mark": "", "key": key, **kinds, "shown": f"key {key}"}
    mark = marks.written(at)
    shown = marks.plain(mark) if keyset.order_kind == marks.TIME else mark
    kinds["mark_kind"] = keyset.order_kind
    return {"mark": mark, "key": key, **kinds, "shown": f"{shown}, key {key}"}


def read(after: Mapping[str, str], keyset: Keyset, layout: Layout) -> Edge:
    """Read what `written` wrote.

    Parameters
    ----------
    after : mapping
        Of an earlier reading.
    keyset : Keyset
        Of this one.
    layout : Layout
        Its columns.

    Returns
    -------
    Edge
        The last row of that reading.

    Raises
    ------
    DatabaseFault
        The column that gives the order holds something else now.
    """
    kind = after["mark_kind"] or after["kind"]
    is_marked = layout.mark is not None
    if kind != keyset.order_kind or is_marked != bool(after["mark_kind"]):
        column = layout.mark or layout.key
        raise DatabaseFault(
            f"The column {column.name} holds something else than when it was read "
            f"last, up to {after['shown']}. Say anew from where it is to be read."
        )
    mark = marks.read(after["mark"], kind) if is_marked else None
    return mark, marks.read(after["key"], after["kind"])


def low(value: str, keyset: Keyset, layout: Layout) -> Any:
    """Read from where a person wants a reading to begin.

    Parameters
    ----------
    value : str
        A mark, or a key where there are no marks.
    keyset : Keyset
        Of the reading.
    layout : Layout
        Its columns.

    Returns
    -------
    int, float, Decimal or str
        Of the kind that gives the order.

    Raises
    ------
    DatabaseFault
        It is no such value.
    """
    column = layout.mark or layout.key
    try:
        if keyset.order_kind == marks.TIME:
            at = datetime.fromisoformat(value.strip()).replace(tzinfo=None)
            return at.isoformat(sep="T" if "T" in keyset.upper else " ")
        return marks.read(value.strip(), keyset.order_kind)
    except (ValueError, InvalidOperation):
        raise DatabaseFault(
            f"{value[:80]} is no value of {column.name}: it holds, for example, "
            f"{keyset.upper}."
        ) from None


def later(one: Edge, other: Edge, kind: str) -> Edge:
    """Choose the later of two rows.

    Parameters
    ----------
    one, other : Edge
        `other` wins where the order does not tell.
    kind : str
        What gives the order.

    Returns
    -------
    Edge
        One of them.
    """
    if kind == marks.TEXT:
        return other
    place = 1 if one[0] is None else 0
    return one if one[place] > other[place] else other
