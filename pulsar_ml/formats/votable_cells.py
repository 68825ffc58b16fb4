"""The cells of a VOTable: texts or bytes to values, as its fields say."""

import io
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.text import MAX_LINE
from pulsar_ml.formats.votable_xml import Document

Cells = list[Any]
Read = Callable[[int], bytes]

# Fixed sizes are taken in memory whatever the file holds.
_MAX_CELL = 10_000
_MAX_READS = 20_000
_KEPT = ("ID", "name", "datatype", "arraysize")
_SCALARS = {
    "double": "d",
    "float": "f",
    "long": "q",
    "int": "i",
    "short": "h",
    "unsignedByte": "B",
}
_LETTERS = {"char": (1, "utf-8"), "unicodeChar": (2, "utf-16-be")}
# An empty cell is a missing value, in any version.
_LENIENT = {"verify": "ignore", "version_1_3_or_later": True}
_length = struct.Struct(">I")


def columns(fields: Sequence[dict[str, str]]) -> list[Any]:
    """Understand the fields of a table.

    Parameters
    ----------
    fields : sequence of dict of str
        Their attributes, and `null` of their ``VALUES``.

    Returns
    -------
    list of astropy.io.votable.tree.Field
        With names that are all different.

    Raises
    ------
    BadInput
        One is of no known type, or too large.
    """
    # 0.5 s, and few files need it.
    from astropy.io.votable import parse  # noqa: PLC0415

    if _weight(fields) > _MAX_CELL:
        raise BadInput("is a VOTable that declares larger sizes than are read")
    table = "".join(map(_written, fields))
    whole = (
        f"<VOTABLE version='1.4'><RESOURCE><TABLE>{table}</TABLE></RESOURCE></VOTABLE>"
    )
    try:
        found = parse(io.BytesIO(whole.encode()), verify="ignore").get_first_table()
    except (ValueError, TypeError) as error:
        raise BadInput(f"is a damaged VOTable: {error}") from error
    return list(found.fields)


def _written(field: dict[str, str]) -> str:
    kept = {name: field[name] for name in _KEPT if name in field}
    if field.get("datatype") not in _LETTERS and kept.get("arraysize") == "1":
        del kept["arraysize"]
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in kept.items())
    null = f"<VALUES null={quoteattr(field['null'])}/>" if "null" in field else ""
    return f"<FIELD {said}>{null}</FIELD>"


def _weight(fields: Sequence[dict[str, str]]) -> int:
    """Count the values of a row whose number is fixed: a bit may hold one."""
    return sum(_product(field.get("arraysize", "")) for field in fields)


def _product(size: str) -> int:
    product = 1
    for number in re.findall(r"\d+", size)[:10]:
        product *= int(number[:18])
    return product


def rows(document: Document, fields: Sequence[Any]) -> Iterator[tuple[Cells, int]]:
    """Give the rows one after the other.

    Parameters
    ----------
    document : Document
        At the beginning of its data.
    fields : sequence of astropy.io.votable.tree.Field
        What the cells are.

    Yields
    ------
    cells : list
        None where a value is missing; a text where it is not what it should be.
    size : int
        How many bytes or letters the row has in the file, and values by its fields.

    Raises
    ------
    BadInput
        The data are damaged behind the last row given.
    """
    decode = _of_texts if document.serialisation == "TABLEDATA" else _of_bytes
    yield from decode(document, fields)


def _of_texts(document: Document, fields: Sequence[Any]) -> Iterator[tuple[Cells, int]]:
    understand = [_understanding(field) for field in fields]
    each = _weight(document.fields)
    while True:
        while document.rows:
            texts = document.rows.popleft()
            cells = [read(text) for read, text in zip(understand, texts, strict=True)]
            yield cells, each + sum(map(len, texts))
        if not document.more():
            return


def _understanding(field: Any) -> Callable[[str], Any]:
    if field.datatype in _LETTERS:
        return str
    if field.datatype in {"double", "float"} and field.arraysize is None:
        return _real
    return partial(_understood, field.converter.parse)


def _real(text: str) -> float | str | None:
    # To Python other digits than these ten are numbers too, and so is 1_000.
    if not text.isascii() or "_" in text:
        return text.strip()
    try:
        return float(text)
    except ValueError:
        return text.strip() or None


def _understood(parse: Callable[..., tuple[Any, Any]], text: str) -> Any:
    try:
        return _value(*parse(text.strip(), _LENIENT))
    except ValueError:
        return text


def _value(value: Any, mask: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.ma.MaskedArray(value, mask=mask).tolist()
    return None if mask else value


def _of_bytes(document: Document, fields: Sequence[Any]) -> Iterator[tuple[Cells, int]]:
    stream = _Stream(document)
    parts, each = list(_parts(fields)), _weight(document.fields)
    n_flags = (len(fields) + 7) // 8 if document.serialisation == "BINARY2" else 0
    while stream.next_row():
        try:
            flags = stream.read(n_flags)
            cells = list(chain.from_iterable(part(stream.read) for part in parts))
        except ValueError as error:
            raise BadInput(f"is a damaged VOTable: {error}") from error
        if any(flags):
            missing = np.unpackbits(np.frombuffer(flags, dtype=np.uint8))
            for place in np.flatnonzero(missing[: len(cells)]):
                cells[place] = None
        yield cells, each + stream.taken


class _Stream:
    """The bytes of the rows, of which each may be so long and so intricate."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.at = self.taken = self.reads = 0

    def next_row(self) -> bool:
        self.taken = self.reads = 0
        if self.at >= MAX_LINE:
            del self.document.data[: self.at]
            self.at = 0
        return self._has(1)

    def read(self, size: int) -> bytes:
        self.taken += size
        self.reads += 1
        if self.taken > MAX_LINE or self.reads > _MAX_READS:
            raise BadInput("has a row longer than 1 MiB, or of more than 20,000 values")
        if not self._has(size):
            raise BadInput("is damaged: its data end within a row")
        end = self.at + size
        found = bytes(self.document.data[self.at : end])
        self.at = end
        return found

    def _has(self, size: int) -> bool:
        while self.at + size > len(self.document.data):
            if not self.document.more():
                return False
        return True


def _parts(fields: Sequence[Any]) -> Iterator[Callable[[Read], Sequence[Any]]]:
    """Neighbours that are plain numbers are read at once, anything else by itself."""
    for scalars, group in groupby(fields, _is_scalar):
        if scalars:
            codes = "".join(_SCALARS[field.datatype] for field in group)
            yield partial(_numbers, struct.Struct(f">{codes}"))
            continue
        for field in group:
            if field.datatype not in _LETTERS:
                yield partial(_other, field.converter.binparse)
                continue
            width, encoding = _LETTERS[field.datatype]
            length = None if "*" in field.arraysize else int(field.arraysize)
            yield partial(_text, length, width, encoding)


def _is_scalar(field: Any) -> bool:
    return field.arraysize is None and field.datatype in _SCALARS


def _numbers(kinds: struct.Struct, read: Read) -> Sequence[Any]:
    return kinds.unpack(read(kinds.size))


def _text(length: int | None, width: int, encoding: str, read: Read) -> Sequence[str]:
    if length is None:
        (count,) = _length.unpack(read(_length.size))
        return (read(count * width).decode(encoding, "backslashreplace"),)
    fixed = read(length * width).decode(encoding, "backslashreplace")
    return (fixed.partition("\0")[0],)


def _other(binparse: Callable[[Read], tuple[Any, Any]], read: Read) -> Sequence[Any]:
    return (_value(*binparse(read)),)


def array(field: Any, cells: Sequence[Any]) -> "np.ma.MaskedArray[Any, Any]":
    """Put the cells of a column together.

    Parameters
    ----------
    field : astropy.io.votable.tree.Field
        What they are.
    cells : sequence
        As `rows` gives them.

    Returns
    -------
    masked ndarray of shape (n_rows,)
        Numbers where all of them are, else objects.
    """
    if not _is_scalar(field):
        return _objects(cells)
    null = field.values.null
    if any(isinstance(cell, str) for cell in cells):
        # To numpy, too, texts are numbers that are none here.
        return _objects([None if cell == null else cell for cell in cells])
    try:
        numbers = np.array(cells, dtype=field.converter.format)
    except (TypeError, ValueError):
        return _objects([None if cell == null else cell for cell in cells])
    return np.ma.MaskedArray(numbers, mask=False if null is None else numbers == null)


def _objects(cells: Sequence[Any]) -> "np.ma.MaskedArray[Any, Any]":
    return np.ma.MaskedArray(np.fromiter(cells, dtype=object, count=len(cells)))
