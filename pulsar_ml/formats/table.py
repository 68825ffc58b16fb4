"""What every reader of a file format gives: a table, in blocks of rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

MAX_COLUMNS = 2_000
MAX_METADATA = 200


class Source(NamedTuple):
    """A file to read, under the name by which the user knows it."""

    path: Path
    name: str


class Reject(NamedTuple):
    """A row or a file that could not be used, and why."""

    row: int
    file: str
    line: int | None
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Block:
    """Consecutive rows of one file.

    Attributes
    ----------
    first_row, n_rows : int
        Place of the first row in its file, from 1, and how many rows there are;
        the rejected ones are counted.
    frame : DataFrame
        The good rows: ``row`` within the file, ``name``, the eight features, then
        the metadata as text or None.
    rejects : list of Reject
        The others, ``row`` within the file as well.
    begin, end : int
        Where the block's bytes lie in the file.
    """

    first_row: int
    n_rows: int
    frame: "pd.DataFrame"
    rejects: list[Reject]
    begin: int
    end: int


class Table(NamedTuple):
    """An opened file: what was decided about it, and its rows.

    ``blocks(skip)`` gives the blocks from the one on that holds row ``skip + 1``.
    """

    metadata: tuple[str, ...]
    notes: tuple[str, ...]
    blocks: Callable[[int], Iterator[Block]]


class Format(NamedTuple):
    """A file format: how to recognise it by its first bytes, and how to open it."""

    name: str
    recognises: Callable[[bytes], bool]
    open: Callable[[Source], Table]
