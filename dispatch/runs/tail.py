"""The log of a run, as far as a page can carry it."""

import os
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from dispatch.models import Run

LINES = 200
# Of a page, and of the download.
_PAGE_BYTES = 128 * 1024
MOST_BYTES = 1024**2


class Tail(NamedTuple):
    """The end of a log, and how many bytes come before it."""

    text: str
    left_out: int


def folder() -> Path:
    """Where the logs lie, once there is one."""
    root: Path = settings.PULSAR.storage.root
    return root / "runs"


def path(run: Run) -> Path:
    """Where its log lies, once it has one."""
    return folder() / f"{run.pk}.log"


def tail(run: Run) -> Tail:
    """The last lines, for the page."""
    end = whole(run, _PAGE_BYTES)
    lines = end.text.splitlines(keepends=True)[-LINES:]
    text = "".join(lines)
    before = len(end.text.encode()) - len(text.encode())
    return Tail(text, end.left_out + before)


def whole(run: Run, most: int = MOST_BYTES) -> Tail:
    """All of it; or the end, from the start of a line, where that is too much."""
    try:
        # A link that somebody laid there leads nowhere.
        opened = os.open(path(run), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return Tail("", 0)
    with os.fdopen(opened, "rb") as file:
        left_out = max(0, os.fstat(opened).st_size - most)
        file.seek(left_out)
        found = file.read(most)
    if left_out:
        begun, _, found = found.partition(b"\n")
        left_out += len(begun) + 1
    return Tail(found.decode(errors="replace"), left_out)
