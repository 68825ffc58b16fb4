"""What of the storage is kept: all that the site could not make again."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# What is not named here is drawn or prepared again, is of this machine and moment, or
# a secret. Databases are copied as such.
KEPT = (
    *("uploads", "scores", "datasets", "models", "builds", "training", "pushes"),
    *("exports", "runs", "inbox", "outbox", "positions"),
)
# Not kept, and named by the numbers of rows: another site's rows have the same numbers.
BY_ROW = ("downloads",)


class Found(NamedTuple):
    """A file by its name in the storage, and how large it was when it was seen."""

    name: str
    size: int


def find(root: Path) -> Iterator[Found]:
    """Every file that is kept, while others come and go."""
    for kind in KEPT:
        for folder, inner, files in os.walk(root / kind, onerror=_note):
            # What begins with a dot is being written, or was left by who was killed.
            inner[:] = sorted(name for name in inner if name[0] != ".")
            for name in sorted(name for name in files if name[0] != "."):
                if found := _look(root, Path(folder, name)):
                    yield found


def _look(root: Path, path: Path) -> Found | None:
    """What it is, if it is still there and a plain file: no link leads out of here."""
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return Found(path.relative_to(root).as_posix(), seen.st_size)


def _note(error: OSError) -> None:
    """A folder may have gone meanwhile; one that cannot be read must be told."""
    if not isinstance(error, FileNotFoundError):
        raise error
