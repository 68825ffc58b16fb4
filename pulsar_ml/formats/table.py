"""What every reader of a file format gives: a table, in blocks of rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pulsar_ml.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd

MAX_COLUMNS = 2_000
# To open a raw candidate, or in vain any file, takes as long as so many rows.
OPENING = 100
MAX_METADATA = 200
# Of labelled tables, in place of whatever their files call it.
LABEL = "class"


def _anything() -> None:
    """Let every disk be filled to its end."""


def _freely(_: int) -> None:
    """Let any number of bytes be unpacked."""


class Scratch(NamedTuple):
    """Where a reader puts copies for as long as it reads them.

    `folder` is the system's if it is None; `check` raises an OSError where no more may
    be put there. `spend` is told of bytes that were unpacked, and raises one where they
    are too many, all files together.
    """

    folder: Path | None = None
    check: Callable[[], None] = _anything
    spend: Callable[[int], None] = _freely


class Told(NamedTuple):
    """What a table beside a raw candidate says of it.

    `columns` are the names in the file; `values` takes the texts of one row apart.
    """

    columns: tuple[str, ...]
    values: Callable[[], Sequence[str]]
    note: str = ""


class Source(NamedTuple):
    """A file to read, under the name by which the user knows it.

    `beside` is its companion: the ``.bestprof`` of a PFD. Of a `labelled` table each
    row must say what the candidate is; it is in the frame's column `LABEL`, and names
    are empty where a row has none.

    Of files that belong together, see `pulsar_ml.formats.told`: `told` is what tables
    say of a raw candidate, and `given` which rows of such a table have found theirs. A
    `silent` file has nothing more to say; `others` are left unread like this one.
    """

    path: Path
    name: str
    beside: Path | None = None
    scratch: Scratch = Scratch()
    labelled: bool = False
    told: tuple[Told, ...] = ()
    given: frozenset[int] | None = None
    silent: bool = False
    others: int = 0


class Reject(NamedTuple):
    """A row or a file that could not be used, and why.

    `name` is the candidate's, where its row has one that can be read.
    """

    row: int
    file: str
    line: int | None
    column: str
    value: str
    reason: str
    name: str = ""


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
    n_bytes : int
        What it takes in memory, roughly: its size before any compression.
    work : int
        How many rows of a text table take as long as one of these.
    notes : tuple of str
        What was decided about these rows, for the user.
    """

    first_row: int
    n_rows: int
    frame: "pd.DataFrame"
    rejects: list[Reject]
    begin: int
    end: int
    n_bytes: int
    work: int = 1
    notes: tuple[str, ...] = ()

    def noted(self, notes: tuple[str, ...]) -> "Block":
        """Say what was decided about the whole file with its first rows.

        Parameters
        ----------
        notes : tuple of str
            What was decided.

        Returns
        -------
        Block
            With these notes before its own.
        """
        return replace(self, notes=(*notes, *self.notes))

    def moved(self, rows: int, begin: int, end: int, part: str) -> "Block":
        """Make the block one of a larger file, after so many other rows.

        Parameters
        ----------
        rows : int
            How many rows of the larger file come before the block's file.
        begin, end : int
            Where the block's file is taken to lie in the larger one, in bytes.
        part : str
            Name of the block's file, put before each note.

        Returns
        -------
        Block
            Its rows and rejects numbered as in the larger file.
        """
        return replace(
            self,
            first_row=self.first_row + rows,
            frame=self.frame.assign(row=self.frame["row"] + rows),
            rejects=[r._replace(row=r.row + rows) for r in self.rejects],
            begin=begin,
            end=end,
            notes=tuple(f"{part}: {note}" for note in self.notes),
        )


def empty_frame() -> "pd.DataFrame":
    """Give a block's table without any row.

    Returns
    -------
    DataFrame
        Its columns, without metadata, have the types of a filled one.
    """
    import pandas as pd  # slow, and no start of a program needs it

    kinds = dict.fromkeys(["row", "name", *FEATURES], "float64")
    kinds |= {"row": "int64", "name": "object"}
    return pd.DataFrame(columns=list(kinds)).astype(kinds)


class Table(NamedTuple):
    """An opened file: what was decided about it, and its rows.

    ``metadata()`` lists the metadata columns; ``blocks(skip)`` gives the blocks from
    the one on that holds row ``skip + 1``.
    """

    metadata: Callable[[], tuple[str, ...]]
    notes: tuple[str, ...]
    blocks: Callable[[int], Iterator[Block]]


class Format(NamedTuple):
    """A file format: how to recognise it by its first bytes, and how to open it."""

    name: str
    recognises: Callable[[bytes], bool]
    open: Callable[[Source], Table]
