"""A terminal to draw on, and what came out of it."""

import os
import pty
import termios
from collections.abc import Callable, Iterator
from typing import TextIO

import pytest


@pytest.fixture
def terminal() -> Iterator[tuple[TextIO, Callable[[], str]]]:
    """One of 100 columns: to write to, and a call that ends it and gives all."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))

    def screen() -> str:
        shown.close()
        found = b""
        while piece := _more(ours):
            found += piece
        return found.decode()

    with os.fdopen(theirs, "w", encoding="utf-8") as shown:
        yield shown, screen
    os.close(ours)


def _more(ours: int) -> bytes:
    try:
        return os.read(ours, 4096)
    except OSError:  # it is closed
        return b""
