"""Keep the bytes of an upload under their hash."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from pulsar_ml.place import sync


class Stored(NamedTuple):
    """A file that was received: its name at the sender's, and what it holds."""

    name: str
    sha256: str
    size: int
    # Where the bytes lie as they came, until a batch names them.
    temporary: Path | None = None


def store(upload: TemporaryUploadedFile) -> Stored:
    """Keep an upload beyond its request, under its hash; the same bytes once."""
    temporary = Path(upload.temporary_file_path())
    with temporary.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name, size = upload.name or "unnamed", upload.size or 0
    stored = Stored(name, sha256, size, temporary)
    keep(stored)
    sync(folder())
    return stored


def keep(file: Stored) -> None:
    """Give the bytes a second name, which is their hash; its folder is yet to sync."""
    if file.temporary:
        sync(file.temporary)
        folder().mkdir(exist_ok=True)
        _link(file.temporary, folder() / file.sha256)


def look_again(file: Stored) -> None:
    """Keep the bytes anew where they went before a batch named them.

    Another batch of the same bytes may have been removed in that moment. Now that one
    names them, nobody takes them.
    """
    path = folder() / file.sha256
    if file.temporary and not path.exists():
        _link(file.temporary, path)
        sync(path.parent)


def folder() -> Path:
    """Where the bytes of all batches lie."""
    root: Path = settings.PULSAR.storage.root
    return root / "uploads"


def _link(temporary: Path, path: Path) -> None:
    while True:
        try:
            # A second name, as Django itself takes the temporary one away.
            path.hardlink_to(temporary)
        except FileExistsError:
            # The same bytes came before. Touched, no prune takes them for forgotten.
            try:
                os.utime(path)
            except FileNotFoundError:
                continue  # it has in this very moment
        return
