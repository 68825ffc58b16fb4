"""Rows of any size, gathered into lists that memory can hold."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import typed

Row = TypeVar("Row")

# A value takes many times the memory that its letters take in the file.
_BYTES = 4 * 2**20


def gathered(
    rows: Iterable[tuple[Row, int]], at_most: int = typed.ROWS
) -> Iterator[list[Row]]:
    """Gather rows; fewer where they are large.

    Parameters
    ----------
    rows : iterable of (row, int)
        Each with its size in bytes.
    at_most : int
        How many to gather.

    Yields
    ------
    list
        At least one row. Those before a `BadInput` come before it.
    """
    some: list[Row] = []
    size = 0
    try:
        for row, n_bytes in rows:
            some.append(row)
            size += n_bytes
            if len(some) == at_most or size >= _BYTES:
                yield some
                some, size = [], 0
    except BadInput:
        if some:
            yield some
        raise
    if some:
        yield some
