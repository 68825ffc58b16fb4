"""Files of the storage, while other processes make and remove them."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

# What is younger may still be in somebody's hands.
_YOUNG = timedelta(days=1)
# How `pulsar_ml.place` calls a file until it is whole.
_UNFINISHED = ".writing-"


class File(NamedTuple):
    """A file as it was found; it may be gone by now."""

    path: Path
    size: int
    changed: float

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_unfinished(self) -> bool:
        """Whether it was still being written."""
        return self.name.startswith(_UNFINISHED)


def within(folder: Path) -> Iterator[File]:
    """Every file of a folder and of those in it."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from within(Path(entry.path))
        elif file := _file(entry):
            yield file


def beside(folder: Path) -> Iterator[File]:
    """Every file right in a folder."""
    for entry in _entries(folder):
        if entry.is_file(follow_symlinks=False) and (file := _file(entry)):
            yield file


def size(folder: Path) -> int:
    """What all files of a folder take."""
    return sum(file.size for file in within(folder))


def is_old(changed: float, at: datetime) -> bool:
    """Whether nobody can be at work on what was changed then."""
    return changed < (at - _YOUNG).timestamp()


def has_aged(path: Path, at: datetime) -> bool:
    """Whether it is there, and old."""
    try:
        return is_old(path.stat().st_mtime, at)
    except FileNotFoundError:
        return False


def drop(path: Path, *, dry_run: bool = False) -> int:
    """Remove a file, or a folder with all it holds; what it took."""
    try:
        freed = size(path) if path.is_dir() else path.stat().st_size
    except FileNotFoundError:
        return 0
    if path.is_dir() and not dry_run:
        # Two may remove it at once; what is left the next run takes.
        shutil.rmtree(path, ignore_errors=True)
    elif not dry_run:
        path.unlink(missing_ok=True)
    return freed


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []


def _file(entry: os.DirEntry[str]) -> File | None:
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return File(Path(entry.path), stat.st_size, stat.st_mtime)
