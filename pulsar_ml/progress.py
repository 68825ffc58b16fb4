"""A line at the foot of a terminal that says how far the work is."""

import math
import os
import time
from typing import TextIO

_EVERY_SECONDS = 0.1
_BAR = 20
# Of a terminal that does not say.
_COLUMNS = 80
_CLEAR = "\r\x1b[K"
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


class Progress:
    """Draws a bar on a terminal, and nothing anywhere else.

    Parameters
    ----------
    stream : text file
        Where messages go, and on a terminal the bar below them.
    shown : bool
        Whether the bar may be drawn at all.
    """

    def __init__(self, stream: TextIO, *, shown: bool = True) -> None:
        self.stream = stream
        self.shown = shown and stream.isatty()
        self.started = time.monotonic()
        self.drawn_at = -math.inf
        self.line = ""

    def say(self, text: str) -> None:
        """Write a message; the bar moves on below it.

        Parameters
        ----------
        text : str
            One or more whole lines.
        """
        self.end()
        self.stream.write(text)

    def reading(self, n_bytes: int, of: int, n_rows: int) -> None:
        """Show how much of the input has been read.

        Parameters
        ----------
        n_bytes, of : int
            How much, and how much there is.
        n_rows : int
            How many rows that were.
        """
        share = min(n_bytes / max(of, 1), 1)
        seconds = max(time.monotonic() - self.started, 1e-3)
        left = f"{_clock(seconds * (1 - share) / share)} left" if share else ""
        speed = f"{n_rows / seconds:,.0f} rows/s"
        sizes = f"{_size(n_bytes)} of {_size(of)} read"
        # What a narrow terminal has no room for stands last.
        self._draw(share, left, speed, f"{n_rows:,} rows", sizes)

    def writing(self, n_rows: int, of: int) -> None:
        """Show how many of the rows have been written.

        Parameters
        ----------
        n_rows, of : int
            How many, and how many there are.
        """
        self._draw(n_rows / max(of, 1), f"{n_rows:,} of {of:,} rows written")

    def end(self) -> None:
        """Take the bar away."""
        if self.line:
            self.stream.write(_CLEAR)
            self.stream.flush()
            self.line, self.drawn_at = "", -math.inf

    def _draw(self, share: float, *words: str) -> None:
        at = time.monotonic()
        if not self.shown or at - self.drawn_at < _EVERY_SECONDS:
            return
        filled = int(share * _BAR)
        bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}  "
        # A line that wraps could not be cleared.
        columns = os.get_terminal_size(self.stream.fileno()).columns or _COLUMNS
        self.line = _fitting(bar, [word for word in words if word], columns - 1)
        self.stream.write(f"{_CLEAR}{self.line}")
        self.stream.flush()
        self.drawn_at = at


def _fitting(bar: str, words: list[str], width: int) -> str:
    """Put as many words behind the bar as there is room for; the first always."""
    while len(words) > 1 and len(bar) + len(", ".join(words)) > width:
        words = words[:-1]
    return (bar + ", ".join(words))[:width]


def _size(n_bytes: float) -> str:
    for unit in _UNITS[:-1]:
        if n_bytes < _STEP:
            return f"{n_bytes:.3g} {unit}"
        n_bytes /= _STEP
    return f"{n_bytes:.3g} {_UNITS[-1]}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
