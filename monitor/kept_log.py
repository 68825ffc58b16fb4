"""What is logged while work goes on, in a file of its own; and the end of that file."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

LINES = 200
# Of a page, and of the file.
_PAGE_BYTES = 128 * 1024
MOST_BYTES = 1024**2
_FORMAT = "%(asctime)sZ %(levelname)s %(message)s"
_FULL = "The log is full; what comes after is not kept.\n"


class Tail(NamedTuple):
    """The end of a log, and how many bytes come before it."""

    text: str
    left_out: int


class More(NamedTuple):
    """What a log has from a place on, and the place after it."""

    text: str
    after: int


class _Lines(logging.Handler):
    """Plain lines, appended one by one; the file is made with the first."""

    def __init__(self, file: Path) -> None:
        super().__init__(logging.INFO)
        self.file = file
        self.is_full = False
        formatter = logging.Formatter(_FORMAT, "%Y-%m-%d %H:%M:%S")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        # A log that cannot be written must not end the work.
        with suppress(OSError):
            self._append(f"{self.format(record)}\n")

    def _append(self, line: str) -> None:
        if self.is_full:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8", errors="replace") as file:
            self.is_full = file.tell() + len(line.encode()) + len(_FULL) > MOST_BYTES
            file.write(_FULL if self.is_full else line)


@contextmanager
def kept(file: Path) -> Iterator[None]:
    """Keep what the process logs inside, beside what it says on standard error."""
    handler = _Lines(file)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def tail(file: Path) -> Tail:
    """The last lines, for a page."""
    end = whole(file, _PAGE_BYTES)
    lines = end.text.splitlines(keepends=True)[-LINES:]
    text = "".join(lines)
    before = len(end.text.encode()) - len(text.encode())
    return Tail(text, end.left_out + before)


def whole(file: Path, most: int | None = None) -> Tail:
    """All of it; or the end, from the start of a line, where that is too much."""
    try:
        stream = _opened(file)
    except OSError:
        return Tail("", 0)
    with stream:
        left_out = max(0, _size(stream) - (most or MOST_BYTES))
        stream.seek(left_out)
        found = stream.read(most or MOST_BYTES)
    if left_out:
        begun, _, found = found.partition(b"\n")
        left_out += len(begun) + 1
    return Tail(found.decode(errors="replace"), left_out)


def more(file: Path, after: int) -> More:
    """The whole lines that stand behind so many bytes."""
    try:
        stream = _opened(file)
    except OSError:
        return More("", 0)
    with stream:
        begin = stream.seek(min(after, _size(stream)))
        found = stream.read(MOST_BYTES)
    lines = found[: found.rfind(b"\n") + 1]
    return More(lines.decode(errors="replace"), begin + len(lines))


def _opened(file: Path) -> BinaryIO:
    # A link that somebody laid there leads nowhere.
    return os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _size(stream: BinaryIO) -> int:
    return os.fstat(stream.fileno()).st_size
