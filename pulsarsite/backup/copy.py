"""Copy a file and tell what was copied; the copy is nobody else's to read."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pulsar_ml.place import sync

_AT_ONCE = 1024**2
_SYNCS = 16


class Copied(NamedTuple):
    """What a copy holds."""

    size: int
    sha256: str


def copy(source: Path, target: Path, beat: Callable[[], None]) -> Copied:
    """Copy it with its time; `beat` is called as it goes, since a file may be large."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as old:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as new:
            while some := old.read(_AT_ONCE):
                new.write(some)
                digest.update(some)
                size += len(some)
                beat()
        changed = os.fstat(old.fileno()).st_mtime_ns
    os.utime(target, ns=(changed, changed))
    return Copied(size, digest.hexdigest())


def settle(folder: Path) -> None:
    """Wait until the disk holds all of a folder: then only may it have its name."""
    # Many at once share one turn of the disk; one by one each waits for its own.
    with ThreadPoolExecutor(_SYNCS) as pool:
        for _ in pool.map(sync, (folder, *folder.rglob("*"))):
            pass


def looked_at(path: Path, beat: Callable[[], None]) -> Copied:
    """What a file holds."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while some := file.read(_AT_ONCE):
            digest.update(some)
            size += len(some)
            beat()
    return Copied(size, digest.hexdigest())
