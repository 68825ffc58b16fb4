"""Text of any encoding as records: lines, or several where a field spans them."""

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pulsar_ml.formats.grid import Grid, Shape, grid

HEAD_BYTES = 2**20
PIECE_BYTES = 4 * 2**20
MAX_LINE = 2**20
MAX_RECORD_LINES = 100

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Encoding(NamedTuple):
    """How bytes become text, and how many bytes of mark come first."""

    name: str
    mark: int = 0


@dataclass(frozen=True)
class Records:
    """Consecutive records of a file.

    Attributes
    ----------
    lines : sequence of int
        In which line each begins.
    begin, end : int
        Where their bytes lie in the file.
    given : sequence of str
        The records, unless there is a grid.
    grid : Grid or None
        Where their fields lie, if each record is one line with all its fields.
    """

    lines: Sequence[int]
    begin: int
    end: int
    given: Sequence[str] = ()
    grid: Grid | None = None

    @cached_property
    def texts(self) -> Sequence[str]:
        """Give each record by itself.

        Returns
        -------
        sequence of str
            A line longer than `MAX_LINE` is cut one character beyond it.
        """
        return self.grid.lines() if self.grid else self.given

    def rest(self) -> "Records":
        """Leave the first record out.

        Returns
        -------
        Records
            The others.
        """
        return replace(
            self,
            lines=self.lines[1:],
            given=self.given[1:],
            grid=self.grid.rest() if self.grid and len(self.lines) > 1 else None,
        )


class _Piece(NamedTuple):
    """Whole lines of a file, as they stand there; the last one is empty of bytes."""

    text: str
    first: int
    begin: int
    end: int


def head(path: Path) -> bytes:
    """Read the first mebibyte, by which everything about a file is decided.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        At most `HEAD_BYTES`.
    """
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def encoding_of(start: bytes) -> Encoding:
    """Decide the encoding: by its mark, else UTF-8 if it is, else Windows-1252.

    Parameters
    ----------
    start : bytes
        Of a file; it may end within a character.

    Returns
    -------
    Encoding
        Its name is one of Python's.
    """
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, len(mark))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return Encoding("cp1252")
    return Encoding("utf-8")


def unclosed(delimiter: str) -> re.Pattern[str]:
    """Give the pattern of a text that ends inside a quoted field.

    Parameters
    ----------
    delimiter : str
        What separates fields.

    Returns
    -------
    Pattern
        To be matched against the whole text.
    """
    field = field_pattern(delimiter)
    return re.compile(rf'(?:{field}{re.escape(delimiter)})*+"(?:[^"]|"")*+')


def field_pattern(delimiter: str) -> str:
    """Give the pattern of one whole field, quoted or not; it never backtracks.

    Parameters
    ----------
    delimiter : str
        What separates fields.

    Returns
    -------
    str
        A regular expression without groups.
    """
    other = rf"[^{re.escape(delimiter)}"
    return rf'(?:"(?:[^"]|"")*+"{other}]*+|{other}"]{other}]*+|)'


def records(path: Path, encoding: Encoding, shape: Shape) -> Iterator[Records]:
    r"""Read a file piece by piece; blank lines are no records.

    A quotation mark that is not closed within `MAX_RECORD_LINES` lines spoils its own
    line only.

    Parameters
    ----------
    path : Path
        The file.
    encoding : Encoding
        What cannot be decoded by it becomes escapes like ``\xff``.
    shape : Shape
        How its lines should look.

    Yields
    ------
    Records
        In the order of the file, never empty.
    """
    pattern = unclosed(shape.delimiter)
    held: list[str] = []
    for piece in _pieces(path, encoding):
        found = None if held else grid(piece.text, shape, MAX_LINE)
        if found:
            numbers = range(piece.first, piece.first + len(found.marks))
            yield Records(numbers, piece.begin, piece.end, grid=found)
            continue
        lines = held + piece.text.split("\n")
        lines[len(held)] = lines[len(held)][: MAX_LINE + 1]
        first, final = piece.first - len(held), piece.begin == piece.end
        texts, places, rest = _grouped(lines, first, pattern, final=final)
        held = lines[rest:]
        filled = [place for place, text in enumerate(texts) if text.strip()]
        if filled:
            yield Records(
                [places[place] for place in filled],
                piece.begin,
                piece.end,
                [texts[place] for place in filled],
            )


def first_records(start: bytes, encoding: Encoding, delimiter: str) -> list[str]:
    """Give up to 100 records from the start of a file.

    Parameters
    ----------
    start : bytes
        The first `HEAD_BYTES`, or the whole file if it is shorter.
    encoding : Encoding
        Of the file.
    delimiter : str
        What separates fields.

    Returns
    -------
    list of str
        As they stand in the file; none of them is blank.
    """
    decoder = _decoder(encoding)
    text = decoder.decode(start[encoding.mark :], final=len(start) < HEAD_BYTES)
    lines = text.split("\n")
    if len(start) == HEAD_BYTES and len(lines) > 1:
        lines.pop()  # cut in its middle
    some = list(islice((line for line in lines if line.strip()), 100))
    return _grouped(some, 1, unclosed(delimiter), final=True)[0]


def _decoder(encoding: Encoding) -> io.IncrementalNewlineDecoder:
    bytewise = codecs.getincrementaldecoder(encoding.name)(errors="backslashreplace")
    return io.IncrementalNewlineDecoder(bytewise, translate=True)


def _pieces(path: Path, encoding: Encoding) -> Iterator[_Piece]:
    """Whole lines, some mebibytes at a time."""
    decoder, carry, number = _decoder(encoding), "", 1
    with path.open("rb") as file:
        begin = file.seek(encoding.mark)
        while data := file.read(PIECE_BYTES):
            text, newline, tail = (carry + decoder.decode(data)).rpartition("\n")
            carry = tail[: MAX_LINE + 1]
            if newline:
                yield _Piece(text, number, begin, begin + len(data))
                number += text.count("\n") + 1
            begin += len(data)
    yield _Piece(carry + decoder.decode(b"", final=True), number, begin, begin)


def _grouped(
    lines: list[str], first: int, pattern: re.Pattern[str], *, final: bool
) -> tuple[list[str], list[int], int]:
    """Join the lines of each record; the third value is where the rest begins."""
    texts, numbers, at = [], [], 0
    while at < len(lines):
        line, after = lines[at], at + 1
        if '"' in line and pattern.fullmatch(line):
            closing = _closing(lines, at, pattern)
            if closing is None and not final:
                break
            after = closing or after
            line = "\n".join(lines[at:after])
        texts.append(line)
        numbers.append(first + at)
        at = after
    return texts, numbers, at


def _closing(lines: list[str], at: int, pattern: re.Pattern[str]) -> int | None:
    """Where the record ends that begins here; None if further lines must say."""
    length = len(lines[at])
    for last in range(at + 1, len(lines)):
        length += len(lines[last]) + 1
        if length > MAX_LINE or last - at == MAX_RECORD_LINES:
            return at + 1
        # Within a field a line reads as if its quotation mark stood before it; to
        # look at the whole record again at each line would take hours.
        if '"' in lines[last] and not pattern.fullmatch('"' + lines[last]):
            return last + 1
    return None
