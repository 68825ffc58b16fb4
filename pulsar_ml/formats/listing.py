"""Tables that only list candidates: what they say goes to the raw files beside them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.table import Block, Reject, Source, Table, empty_frame

# Thousands of candidates in a hundred columns take a few mebibytes.
MAX_BYTES = 32 * 2**20
_ROWS = 10_000
# What a candidate's file, its picture and its archive are called after its own name.
_SUFFIXES = (
    "gz bz2 zip tar tgz pfd phcx phcf xml bestprof png jpg jpeg svg pdf ps eps ar ar2 "
    "meta txt csv cands"
)
SUFFIX = rf"(?i)(\.({'|'.join(_SUFFIXES.split())}))+$"
_FOLDERS = re.compile(r"[/\\!]")
_OF_NONE = (
    "belongs to no raw candidate of this upload: none is named as it says, or another "
    "row has the same name"
)


class Record(NamedTuple):
    """One row of a listing, not yet taken apart.

    Attributes
    ----------
    number, line : int
        Its number among the rows, from 1, and its line in the file.
    text : str
        As it stands there.
    path : str
        Whose name the raw candidate has; empty if it says none.
    spare : tuple of str
        Whose name it may have, where no other row says the same.
    fault : str
        What is wrong with it; empty if it can be used.
    """

    number: int
    line: int
    text: str
    path: str
    spare: tuple[str, ...] = ()
    fault: str = ""


class Listing(NamedTuple):
    """A table whose rows are about raw candidates.

    Attributes
    ----------
    columns : tuple of str
        Names as the file has them.
    naming : str
        The column that names the raw candidate.
    records : callable
        Reads the rows.
    values : callable
        Takes the text of a row apart, into as many texts as there are columns.
    """

    columns: tuple[str, ...]
    naming: str
    records: Callable[[], Iterator[Record]]
    values: Callable[[str], list[str]]


def stem(path: str) -> str:
    """Give a file's name without folders and without what tells its kind.

    Parameters
    ----------
    path : str
        Of a file, or of a member after its archive's and ``!``.

    Returns
    -------
    str
        ``x`` of ``plots/x.pfd.png`` and of ``all.zip!x.phcx.gz``.
    """
    own = _FOLDERS.split(path.strip())[-1]
    return re.sub(SUFFIX, "", own) or own


def folders(path: str) -> list[str]:
    """Give the folders, and the archive, that a file lies in.

    Parameters
    ----------
    path : str
        As of `stem`.

    Returns
    -------
    list of str
        The outermost first.
    """
    return [part for part in _FOLDERS.split(path.strip())[:-1] if part not in {"", "."}]


def check_size(path: Path) -> None:
    """Refuse a listing that is too large.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    BadInput
        It takes more than `MAX_BYTES`.
    """
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(
            f"lists candidates in more than {MAX_BYTES >> 20} MiB; bring it in parts"
        )


def table(source: Source, listing: Listing, alone: str) -> Table:
    """Open a listing: of its rows those are rejected that found no raw candidate.

    Parameters
    ----------
    source : Source
        The file; its `given` has the numbers of the rows that did.
    listing : Listing
        The same file.
    alone : str
        Why the whole of it is rejected where no row did.

    Returns
    -------
    Table
        Of rejects.

    Raises
    ------
    BadInput
        No row did.
    """
    if not source.given:
        raise BadInput(alone)
    given = source.given

    def blocks(skip: int) -> Iterator[Block]:
        row, some = 1, []
        for record in listing.records():
            if record.number not in given:
                some.append(_reject(source, listing, row, record))
                row += 1
            if len(some) == _ROWS:
                yield from _block(some, skip)
                some = []
        yield from _block(some, skip)

    return Table(tuple, (), blocks)


def _reject(source: Source, listing: Listing, row: int, record: Record) -> Reject:
    column = "" if record.fault else listing.naming
    value = record.text if record.fault else record.path
    reason = record.fault or _OF_NONE
    return Reject(row, source.name, record.line, column, value[:80], reason)


def _block(some: list[Reject], skip: int) -> Iterator[Block]:
    if some and some[-1].row > skip:
        size = 200 * len(some)
        yield Block(some[0].row, len(some), empty_frame(), some, 0, 0, size)
