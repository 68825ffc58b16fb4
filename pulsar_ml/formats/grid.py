"""Where the fields of regular text lie, found in all its lines at once.

A line at a time takes ten times as long, and most lines of most tables are regular.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

_LINE_END = ord("\n")
_QUOTE = ord('"')
_BLANK = ord(" ")


class Shape(NamedTuple):
    """How regular lines are written.

    They hold `width` fields with a `delimiter` between them; one that begins with
    `comment` is no row.
    """

    delimiter: str
    width: int
    comment: str = ""


class Grid(NamedTuple):
    """The fields of regular lines.

    Attributes
    ----------
    data : bytes
        The lines in UTF-8, a line end after each.
    marks : ndarray of int, shape (n_lines, width + 1)
        Where in the data the line end before a line stands, the delimiters in it, and
        the line end after it.
    """

    data: bytes
    marks: NDArray[np.int64]

    def content(self) -> bytes:
        """Give the lines as they are written.

        Returns
        -------
        bytes
            In UTF-8, a line end after each.
        """
        return self.data[self.marks[0, 0] + 1 :]

    def lines(self) -> list[str]:
        """Give each line by itself.

        Returns
        -------
        list of str
            Without line ends.
        """
        return self.content().decode().split("\n")[:-1]

    def column(self, place: int) -> list[str]:
        """Take one field out of every line.

        Parameters
        ----------
        place : int
            Of the column, from 0.

        Returns
        -------
        list of str
            As they are written, without quotation marks around them.
        """
        written = np.frombuffer(self.data, dtype=np.uint8)
        first = self.marks[:, place] + 1
        quoted = written[first] == _QUOTE
        first += quoted
        # Each field with the byte behind it, which becomes a line end.
        lengths = self.marks[:, place + 1] + 1 - quoted - first
        ends = np.cumsum(lengths)
        shifts = (first - (ends - lengths)).astype(np.int32)
        places = np.repeat(shifts, lengths) + np.arange(ends[-1], dtype=np.int32)
        codes = written[places]
        codes[ends - 1] = _LINE_END
        content: bytes = codes.tobytes()
        return content.decode().split("\n")[:-1]

    def rest(self) -> Self:
        """Leave the first line out.

        Returns
        -------
        Grid
            The other lines.
        """
        return self._replace(marks=self.marks[1:])


def grid(text: str, shape: Shape, longest: int) -> Grid | None:
    """Find the fields of lines that are all regular.

    Parameters
    ----------
    text : str
        Lines, with line ends between them.
    shape : Shape
        How they should look.
    longest : int
        How many bytes a line may have.

    Returns
    -------
    Grid or None
        None if a single line is not a row with all its fields, or if it takes more
        than counting to tell: one aligned by blanks, or with quotation marks other
        than around whole fields.
    """
    if "\0" in text or shape.delimiter == " ":
        return None
    data = f"{text}\n".encode()
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(codes == _LINE_END)
    found = np.flatnonzero(codes == ord(shape.delimiter))
    if '"' in text:
        quotes = np.flatnonzero(codes == _QUOTE)
        if not _are_around_fields(quotes, codes, shape) or _within(quotes, ends).any():
            return None
        found = found[~_within(quotes, found)]
    if len(found) != len(ends) * (shape.width - 1):
        return None
    inner = found.reshape(len(ends), shape.width - 1)
    before = np.concatenate(([-1], ends[:-1]))
    regular = (
        bool((inner[:, 0] > before).all())
        and bool((inner[:, -1] < ends).all())
        and (ends - before).max() <= longest
        and _are_rows(codes[before + 1], shape)
    )
    return Grid(data, np.column_stack((before, inner, ends))) if regular else None


def _are_around_fields(
    quotes: NDArray[np.int64], codes: NDArray[np.uint8], shape: Shape
) -> bool:
    """Whether the quotation marks enclose whole fields, and none stands in a field."""
    # The last byte is a line end, as if it stood before the first one.
    outside = np.concatenate((codes[quotes[::2] - 1], codes[quotes[1::2] + 1]))
    marks = (outside == _LINE_END) | (outside == ord(shape.delimiter))
    return len(quotes) % 2 == 0 and bool(marks.all())


def _within(quotes: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which places lie between an odd quotation mark and the next."""
    return np.asarray(np.searchsorted(quotes, places) % 2 == 1)


def _are_rows(first: NDArray[np.uint8], shape: Shape) -> bool:
    """Whether no line is blank or a comment, by its first byte."""
    if not (shape.comment or shape.delimiter.isspace()):
        return True  # a blank line would have no delimiter
    visible = (first > _BLANK) & (first < 0x80)
    return bool((visible & ~np.isin(first, list(shape.comment.encode()))).all())
