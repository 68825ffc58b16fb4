"""Copy a file into the storage and hash it on the way, as it was at one moment."""

import hashlib
import os
import stat
import uuid
from pathlib import Path
from typing import BinaryIO

from dispatch.sources.look import Found, looks
from dispatch.sources.source import Beat
from monitor import room
from showroom.receive import Stored

_BLOCK = 1024 * 1024


class Left(Exception):
    """The file cannot be taken now; the message says why, without its name."""


def fetch(found: Found, name: str, root: Path, into: Path, beat: Beat) -> Stored:
    """Copy it; an OSError is one of the storage, and no fault of the file."""
    temporary = into / uuid.uuid4().hex
    with _opened(found, root) as file, temporary.open("xb") as copy:
        sha256 = _copied(file, copy, beat)
        if looks(os.fstat(file.fileno())) != (found.size, found.changed_ns):
            temporary.unlink()
            raise Left("Changed while it was read, so it waits")
    return Stored(name, sha256, found.size, temporary)


def _opened(found: Found, root: Path) -> BinaryIO:
    try:
        # A pipe that has come in its place would be waited for.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        file = os.fdopen(os.open(found.path, flags), "rb", buffering=0)
    except FileNotFoundError as error:
        raise Left("Gone before it was read") from error
    except OSError as error:
        raise Left(f"Cannot be read ({error.strerror})") from error
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode) or not _real(file, found).is_relative_to(root):
        file.close()
        raise Left("Replaced by something else while it was looked for")
    if looks(status) != (found.size, found.changed_ns):
        file.close()
        raise Left("Changed while it was looked for, so it waits")
    return file


def _real(file: BinaryIO, found: Found) -> Path:
    """Where it lies: a folder on the way may be a link by now that leads elsewhere."""
    try:
        return Path(f"/proc/self/fd/{file.fileno()}").readlink()
    except OSError:
        return Path(found.path).resolve()  # where there is no /proc


def _copied(file: BinaryIO, copy: BinaryIO, beat: Beat) -> str:
    digest = hashlib.sha256()
    while block := _read(file):
        room.check()
        beat()
        digest.update(block)
        copy.write(block)
    copy.flush()
    return digest.hexdigest()


def _read(file: BinaryIO) -> bytes:
    try:
        return file.read(_BLOCK)
    except OSError as error:
        raise Left(f"Cannot be read ({error.strerror})") from error
