"""The ``.cands`` that PulsarX's psrfold_fil writes: what it folded, a line each."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import candyjar, listing, text
from pulsar_ml.formats.grid import Shape
from pulsar_ml.formats.listing import Listing, Record
from pulsar_ml.formats.table import MAX_COLUMNS, Format, Source, Table

SUFFIX = ".cands"
_HEAD = re.compile(r"#\s*(\S+)\s*(.*)")
_NUMBERED = re.compile(r"(.*)_(\d{1,9})", re.ASCII | re.DOTALL)
_FIRST, _KNOWN = "id", {"dm_old", "dm_new"}
_ALONE = (
    "is a list of candidates (PulsarX's .cands), without the eight features: bring it "
    "together with their raw files (PHCX or PFD), named as itself with _ and the "
    "candidate's number behind, in one upload or archive"
)


class _Head(NamedTuple):
    """What stands before the rows."""

    encoding: text.Encoding
    said: tuple[tuple[str, str], ...]
    names: tuple[str, ...]


def numbered(stem: str) -> str:
    """Write the number at the end of a name as PulsarX's lines have it.

    Parameters
    ----------
    stem : str
        Of a file, such as ``beam_00012``.

    Returns
    -------
    str
        ``beam_12``; the stem itself if it ends with no number.
    """
    found = _NUMBERED.fullmatch(stem)
    return f"{found[1]}_{int(found[2])}" if found else stem


def read(path: Path, name: str) -> Listing | None:
    """Open the file, if it is one.

    Parameters
    ----------
    path : Path
        Any file.
    name : str
        As the user knows it; the raw candidates are named after it.

    Returns
    -------
    Listing or None
        None if it is something else.

    Raises
    ------
    BadInput
        It is too large.
    """
    found = _head(text.head(path))
    if found is None:
        return None
    listing.check_size(path)
    before = [value for _, value in found.said]
    names = (*(key for key, _ in found.said), *found.names)
    return Listing(
        names,
        _FIRST,
        partial(_records, path, found, name),
        lambda record: [*before, *_fields(record)],
    )


def _head(start: bytes) -> _Head | None:
    encoding = text.encoding_of(start)
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#") or b"\0" in start:
        return None
    said: list[tuple[str, str]] = []
    for record in text.first_records(start, encoding, "\t"):
        names = _names(record)
        if names:
            return _Head(encoding, tuple(said), names)
        pair = _HEAD.fullmatch(record.strip())
        if not pair:
            return None
        said.append((pair[1], pair[2]))
    return None


def _names(record: str) -> tuple[str, ...]:
    if not record.startswith("#"):
        return ()
    names = tuple(_fields(record[1:]))
    is_line = names[:1] == (_FIRST,) and _KNOWN & {*names}
    return names if is_line and len(names) <= MAX_COLUMNS else ()


def _fields(record: str) -> list[str]:
    """By tabs as psrfold_fil writes them, else by blanks as people do."""
    parts = record.strip("\r\n").split("\t") if "\t" in record else record.split()
    return [part.strip() for part in parts]


def _records(path: Path, found: _Head, name: str) -> Iterator[Record]:
    before = re.sub(listing.SUFFIX, "", name)
    number, width = 0, len(found.names)
    shape = Shape("\t", width, "#")
    for part in text.records(path, found.encoding, shape):
        for line, record in zip(part.lines, part.texts, strict=True):
            if record.lstrip().startswith("#"):
                continue
            number += 1
            values = _fields(record[: text.MAX_LINE + 1])
            if wrong := _fault(record, values, width):
                yield Record(number, line, record[:200], "", fault=wrong)
            else:
                yield Record(number, line, record, f"{before}_{int(values[0])}")


def _fault(record: str, values: list[str], width: int) -> str:
    if len(values) != width or len(record) > text.MAX_LINE or "\0" in record:
        return candyjar.fault("\t".join(values), "\t", width) or "is no row of it"
    if not re.fullmatch(r"\d{1,9}", values[0], re.ASCII):
        return "does not begin with the candidate's number"
    return ""


def _recognises(start: bytes) -> bool:
    return _head(start) is not None


def _open(source: Source) -> Table:
    found = read(source.path, source.name)
    if found is None:
        raise BadInput(_ALONE)
    return listing.table(source, found, _ALONE)


FORMAT = Format("PulsarX candidates", _recognises, _open)
