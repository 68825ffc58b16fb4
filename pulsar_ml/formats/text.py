"""Text of any encoding as records: lines, or several where a field spans them."""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

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


class Records(NamedTuple):
    """Consecutive records of a file, and where each begins.

    `plain` texts hold no quotation mark and no zero byte. A line longer than `MAX_LINE`
    is cut one character beyond it.
    """

    texts: list[str]
    lines: list[int]
    plain: bool
    begin: int
    end: int


class _Piece(NamedTuple):
    lines: list[str]
    first: int
    plain: bool
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


def records(path: Path, encoding: Encoding, delimiter: str) -> Iterator[Records]:
    r"""Read a file piece by piece; blank lines are no records.

    A quotation mark that is not closed within `MAX_RECORD_LINES` lines spoils its own
    line only.

    Parameters
    ----------
    path : Path
        The file.
    encoding : Encoding
        What cannot be decoded by it becomes escapes like ``\xff``.
    delimiter : str
        What separates fields.

    Yields
    ------
    Records
        In the order of the file, never empty.
    """
    pattern = unclosed(delimiter)
    held: list[str] = []
    for piece in _pieces(path, encoding):
        lines, first = held + piece.lines, piece.first - len(held)
        plain = piece.plain and not held
        if not plain:
            final = piece.begin == piece.end
            texts, numbers, rest = _grouped(lines, first, pattern, final=final)
            held = lines[rest:]
        else:
            texts, numbers = lines, list(range(first, first + len(lines)))
        if not all(map(str.strip, texts)):
            filled = [place for place, text in enumerate(texts) if text.strip()]
            texts = [texts[place] for place in filled]
            numbers = [numbers[place] for place in filled]
        if texts:
            yield Records(texts, numbers, plain, piece.begin, piece.end)


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
    """Whole lines, some mebibytes at a time; the last piece is empty of bytes."""
    decoder, carry, number = _decoder(encoding), "", 1
    with path.open("rb") as file:
        begin = file.seek(encoding.mark)
        while True:
            data = file.read(PIECE_BYTES)
            text = decoder.decode(data, final=not data)
            plain = not any(mark in some for mark in '"\0' for some in (carry, text))
            lines = text.split("\n")
            lines[0] = (carry + lines[0])[: MAX_LINE + 1]
            carry = lines.pop()[: MAX_LINE + 1] if data else ""
            yield _Piece(lines, number, plain, begin, begin + len(data))
            if not data:
                return
            number += len(lines)
            begin += len(data)


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
