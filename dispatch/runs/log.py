"""What is logged while a run works, in a file of its own."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dispatch.models import Run
from dispatch.runs.tail import MOST_BYTES, path

_FORMAT = "%(asctime)sZ %(levelname)s %(message)s"
_FULL = "The log is full; what comes after is not kept.\n"


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
        # A log that cannot be written must not end the run.
        with suppress(OSError):
            self._append(f"{self.format(record)}\n")

    def _append(self, line: str) -> None:
        if self.is_full:
            return
        self.file.parent.mkdir(exist_ok=True)
        with self.file.open("a", encoding="utf-8", errors="replace") as file:
            self.is_full = file.tell() + len(line.encode()) + len(_FULL) > MOST_BYTES
            file.write(_FULL if self.is_full else line)


@contextmanager
def kept(run: Run) -> Iterator[None]:
    """Keep what the process logs inside, beside what it says on standard error."""
    handler = _Lines(path(run))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
