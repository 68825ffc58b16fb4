"""Where foreign files are read: whatever goes wrong becomes words for the user."""

import errno
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pulsar_ml.errors import BadInput, PulsarError, UnknownFormat
from pulsar_ml.formats import text
from pulsar_ml.formats.table import (
    OPENING,
    Block,
    Format,
    Reject,
    Source,
    Table,
    empty_frame,
)

_log = logging.getLogger(__name__)

# What the machine lacks and what went away is no fault of a file: to call it one would
# lose rows that can be read later.
_OF_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOENT,
    errno.ESTALE,
}


@contextmanager
def words(what: str) -> Iterator[None]:
    """Turn every failure that a file can cause into one that can be shown.

    Readers name the failures that they know; libraries have more than anybody lists,
    and no file may stop a batch.

    Parameters
    ----------
    what : str
        What is read, for the log.

    Raises
    ------
    PulsarError
        The body failed: its own `PulsarError`, or a `BadInput` in place of any other
        exception.
    OSError
        The machine failed: it lacks disk, memory or files to open, or what is read is
        there no more.
    """
    try:
        yield
    except PulsarError:
        raise
    except MemoryError as error:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), what) from error
    except OSError as error:
        if error.errno in _OF_MACHINE:
            raise
        raise BadInput(f"cannot be read: {error.strerror or error}") from error
    except Exception as error:
        _log.warning("A reader failed on %s.", what, exc_info=True)
        raise BadInput("is damaged, or not what it seems to be") from error


def opened(source: Source, formats: Sequence[Format]) -> Table:
    """Open one file with the first reader that recognises it.

    Parameters
    ----------
    source : Source
        The file.
    formats : sequence of Format
        Tried in this order.

    Returns
    -------
    Table
        Its rows, read as they are asked for.

    Raises
    ------
    BadInput
        The file cannot be used; the message says why.
    """
    # A pipe would be waited for until somebody writes into it.
    if source.path.exists() and not source.path.is_file():
        raise BadInput("is not a file")
    with words(source.name):
        start = text.head(source.path)
        if not start.strip():
            raise BadInput("is empty")
        for known in formats:
            if known.recognises(start):
                return known.open(source)
    raise UnknownFormat("is in no format that is read here; it looks like binary data")


def blocks(
    source: Source, opening: Callable[[Source], Table], skip: int = 0
) -> Iterator[Block]:
    """Give every block from the one on that holds row ``skip + 1``.

    What stops the reading becomes one rejected row after those that were read, but for
    what the machine lacks: see `words`.

    Parameters
    ----------
    source : Source
        The file.
    opening : callable
        Takes the source and opens it as a Table.
    skip : int
        How many rows are already known.

    Yields
    ------
    Block
        In the order of the file; the first has the notes on the whole of it.
    """
    row = 1
    try:
        with words(source.name):
            table = opening(source)
            found = table.blocks(skip)
        while True:
            with words(source.name):
                block = next(found, None)
            if block is None:
                break
            if block.first_row == 1:
                block = block.noted(table.notes)
            row = block.first_row + block.n_rows
            yield block
        if row == 1 and not skip:
            raise BadInput("holds no rows")
    except PulsarError as error:
        if row == 1 and skip:
            # Read again, as nobody else knows how many rows there were before it.
            row = 1 + sum(block.n_rows for block in _sound(source, opening))
        if row > skip:
            yield _rejected(source, row, str(error))


def _sound(source: Source, opening: Callable[[Source], Table]) -> Iterator[Block]:
    try:
        with words(source.name):
            yield from opening(source).blocks(0)
    except PulsarError:
        return


def _rejected(source: Source, row: int, reason: str) -> Block:
    reject = Reject(row, source.name, None, "", "", reason)
    size = source.path.stat().st_size if source.path.exists() else 0
    if row == 1:
        return Block(1, 1, empty_frame(), [reject], 0, size, 0, OPENING)
    return Block(row, 1, empty_frame(), [reject], size, size, 0)
