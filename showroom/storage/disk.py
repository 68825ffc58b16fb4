"""Files of the storage, while other processes make and remove them."""

import errno
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

logger = logging.getLogger(__name__)
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


def named(folder: Path, names: Iterable[str]) -> Iterator[File]:
    """Those of these files of a folder that there are."""
    for name in names:
        with suppress(FileNotFoundError):
            stat = (folder / name).stat()
            yield File(folder / name, stat.st_size, stat.st_mtime)


def heaps(folder: Path) -> Iterator[File]:
    """Every file right in a folder, and every folder with all it holds as one."""
    for entry in _entries(folder):
        if not entry.is_dir(follow_symlinks=False):
            if file := _file(entry):
                yield file
        elif itself := _file(entry):
            held = list(within(itself.path))
            changed = max(itself.changed, *(file.changed for file in held), 0.0)
            yield File(itself.path, sum(file.size for file in held), changed)


def numbered(folder: Path) -> Iterator[tuple[int, Path]]:
    """Every folder that has a row's number for its name; others are not ours."""
    for entry in _entries(folder):
        if re.fullmatch("[1-9][0-9]{0,18}", entry.name):
            yield int(entry.name), Path(entry.path)


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
        if path.exists():
            raise OSError(errno.ENOTEMPTY, "not all of it can be removed", str(path))
    elif not dry_run:
        path.unlink(missing_ok=True)
    return freed


def freed(taken: Iterable[Callable[[], int | None]]) -> list[int]:
    """What each of these gave back; one that fails is logged, and does not stop all."""
    sizes = []
    for take in taken:
        try:
            size = take()
        except OSError as error:
            logger.warning("Left where it is: %s", error)
            continue
        if size is not None:
            sizes.append(size)
    return sizes


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []
    except OSError as error:
        # Somebody else's, as lost+found is.
        logger.warning("Left where it is: %s", error)
        return []


def _file(entry: os.DirEntry[str]) -> File | None:
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return File(Path(entry.path), stat.st_size, stat.st_mtime)
