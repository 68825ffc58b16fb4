"""A JSON list of any length, one element after the other."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.text import MAX_LINE

_PIECE = 2**18
_BLANKS = re.compile(r"[ \t\r\n]*")


def elements(file: IO[bytes]) -> Iterator[tuple[object, int]]:
    """Give the elements, and hold no more of them than one and a piece.

    Parameters
    ----------
    file : binary file
        At the beginning of the list.

    Yields
    ------
    element : object
        What it is in Python.
    size : int
        How many letters it has.

    Raises
    ------
    BadInput
        What follows the last one given is no JSON, or too long.
    """
    window = _Window(file)
    row, mark = 0, window.mark()
    if window.next() == "]":
        mark = window.mark()
    while mark in {"[", ","}:
        row += 1
        yield window.value(row)
        mark = window.mark()
    if mark != "]" or window.next():
        raise BadInput(f"is no JSON: its list should go on or end behind row {row}")


class _Window:
    """The part of a text that is being looked at, which moves on."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        start = file.read(4)
        file.seek(0)
        decoder = codecs.getincrementaldecoder(json.detect_encoding(start))
        self.decode = decoder(errors="surrogatepass").decode
        self.parse = json.JSONDecoder().raw_decode
        self.text, self.at, self.ended = "", 0, False

    def more(self) -> bool:
        """Read on; False at the end."""
        if self.ended:
            return False
        piece = self.file.read(_PIECE)
        self.ended = not piece
        try:
            found = self.decode(piece, final=self.ended)
        except ValueError as error:
            raise BadInput(f"is no JSON: {error}") from error
        self.text, self.at = self.text[self.at :] + found, 0
        return True

    def next(self) -> str:
        """Look at the next letter that is not blank; it is empty at the end."""
        while not self._letter() and self.more():
            pass
        return self.text[self.at : self.at + 1]

    def _letter(self) -> bool:
        blanks = _BLANKS.match(self.text, self.at)
        self.at = blanks.end() if blanks else self.at
        return self.at < len(self.text)

    def mark(self) -> str:
        """Go behind that letter."""
        mark = self.next()
        self.at += len(mark)
        return mark

    def value(self, row: int) -> tuple[object, int]:
        """Go behind the value that comes next."""
        self.next()
        while True:
            try:
                value, end = self.parse(self.text, self.at)
            except (ValueError, RecursionError) as error:
                if len(self.text) - self.at > MAX_LINE:
                    raise BadInput(
                        f"is no JSON in its row {row}, or that is longer than 1 MiB"
                    ) from error
                if not self.more():
                    raise BadInput(f"is no JSON: its row {row} is broken") from error
                continue
            if end == len(self.text) and self.more():
                # A number may go on.
                continue
            size, self.at = end - self.at, end
            return value, size
