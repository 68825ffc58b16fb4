"""A file that is there whole or not at all, power cuts included."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`, and rename it when the body succeeds.

    Parameters
    ----------
    path : Path
        Where the file shall stand; its folder exists.

    Yields
    ------
    Path
        Where to write it until then.
    """
    unfinished = path.with_name(f".writing-{uuid.uuid4().hex}")
    try:
        yield unfinished
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until the disk holds a file or a folder's names.

    Parameters
    ----------
    path : Path
        Of either.
    """
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
