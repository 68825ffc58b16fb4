"""The ``candidates.csv`` of CandyJar, which lists candidates of raw files."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import columns, listing, sniff, text
from pulsar_ml.formats.grid import Shape
from pulsar_ml.formats.listing import Listing, Record
from pulsar_ml.formats.table import MAX_COLUMNS, Format, Source, Table

# The line of the names is the one that has this among them.
MARK = "utc_start"
PATH = "png_path"
_SPARE = ("candidate_tarball_path", "metafile_path")
_DELIMITERS = ",\t;|"
_ALONE = (
    "is a list of candidates (CandyJar's candidates.csv), without the eight features: "
    "bring it together with their raw files (PHCX or PFD), each named as its png_path, "
    "in one upload or archive"
)


class Head(NamedTuple):
    """How the file is written, and what its columns are called.

    `is_named` tells whether a line of it says so.
    """

    encoding: text.Encoding
    delimiter: str
    names: tuple[str, ...]
    is_named: bool = True


def head(start: bytes) -> Head | None:
    """Find the line of names.

    Parameters
    ----------
    start : bytes
        Of the file.

    Returns
    -------
    Head or None
        None if there is no such line, or if features stand in it: then it is a table
        like others.
    """
    found = line_with(start, MARK)
    return None if found is None or columns.recognised(found.names) else found


def line_with(start: bytes, mark: str) -> Head | None:
    """Find the line of names by one of them.

    Parameters
    ----------
    start : bytes
        Of the file.
    mark : str
        The name, in small letters.

    Returns
    -------
    Head or None
        None if no line among the first hundred has it.
    """
    encoding = text.encoding_of(start)
    # Each letter of UTF-16 has a zero byte with it.
    if mark.encode() not in start.lower().replace(b"\0", b""):
        return None
    for delimiter in _DELIMITERS:
        for record in text.first_records(start, encoding, delimiter):
            names = _names(record, delimiter)
            if mark in map(str.casefold, names):
                return Head(encoding, delimiter, names)
    return None


def read(path: Path) -> Listing | None:
    """Open the file, if it is one.

    Parameters
    ----------
    path : Path
        Any file.

    Returns
    -------
    Listing or None
        None if it is something else.

    Raises
    ------
    BadInput
        It is too large, or has too many columns.
    """
    found = head(text.head(path))
    if found is None:
        return None
    listing.check_size(path)
    if len(found.names) > MAX_COLUMNS:
        raise BadInput(
            f"has {len(found.names)} columns; at most {MAX_COLUMNS} can be read"
        )
    values = partial(sniff.fields, delimiter=found.delimiter)
    return Listing(found.names, PATH, partial(_records, path, found), values)


def records(path: Path, found: Head) -> Iterator[tuple[int, str]]:
    """Read what comes after the line of names.

    Parameters
    ----------
    path : Path
        The file.
    found : Head
        What `head` says of it.

    Yields
    ------
    int, str
        Line and text of each row; blank lines are none.
    """
    begun = not found.is_named
    shape = Shape(found.delimiter, len(found.names), "")
    for part in text.records(path, found.encoding, shape):
        for line, record in zip(part.lines, part.texts, strict=True):
            if begun:
                yield line, record
            begun = begun or _names(record, found.delimiter) == found.names


def fault(record: str, delimiter: str, width: int) -> str:
    """Say why a text is no row.

    Parameters
    ----------
    record : str
        The text.
    delimiter : str
        What separates its fields.
    width : int
        How many there should be.

    Returns
    -------
    str
        Empty if it is one.
    """
    if len(record) > text.MAX_LINE:
        return "is a line longer than 1 MiB"
    if "\0" in record:
        return "holds a zero byte, which no text has"
    if '"' in record and text.unclosed(delimiter).fullmatch(record):
        return "opens a quotation mark and never closes it"
    n = len(sniff.fields(record, delimiter))
    return "" if n == width else f"has {n} columns; the table has {width}"


def _names(record: str, delimiter: str) -> tuple[str, ...]:
    if delimiter not in record or len(record) > text.MAX_LINE:
        return ()
    return tuple(name.strip() for name in sniff.fields(record, delimiter))


def _records(path: Path, found: Head) -> Iterator[Record]:
    lower = [name.casefold() for name in found.names]
    own, *spare = (
        lower.index(name) if name in lower else None for name in (PATH, *_SPARE)
    )
    width = len(lower)
    for number, (line, record) in enumerate(records(path, found), 1):
        if wrong := fault(record, found.delimiter, width):
            yield Record(number, line, record[:200], "", fault=wrong)
            continue
        values = sniff.fields(record, found.delimiter)
        said = "" if own is None else values[own]
        others = tuple(values[place] for place in spare if place is not None)
        yield Record(number, line, record, said, others)


def _recognises(start: bytes) -> bool:
    return head(start) is not None


def _open(source: Source) -> Table:
    found = read(source.path)
    if found is None:
        raise BadInput(_ALONE)
    return listing.table(source, found, _ALONE)


FORMAT = Format("candidates.csv", _recognises, _open)
