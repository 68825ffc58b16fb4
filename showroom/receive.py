"""Keep the bytes of an upload under their hash."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from pulsar_ml.place import sync

_BLOCK = 1024 * 1024


class Stored(NamedTuple):
    """A file that was received: its name at the sender's, and what it holds."""

    name: str
    sha256: str
    size: int
    # Where the sender's bytes lie until the request is answered.
    temporary: Path | None = None


def store(upload: TemporaryUploadedFile) -> Stored:
    """Keep an upload beyond its request, under its hash; the same bytes once."""
    temporary = Path(upload.temporary_file_path())
    digest = hashlib.sha256()
    with temporary.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
        os.fsync(file.fileno())
    folder = _folder()
    folder.mkdir(exist_ok=True)
    _keep(temporary, folder / digest.hexdigest())
    sync(folder)
    name, size = upload.name or "unnamed", upload.size or 0
    return Stored(name, digest.hexdigest(), size, temporary)


def look_again(file: Stored) -> None:
    """Keep the bytes anew where they went before a batch named them.

    Another batch of the same bytes may have been removed in that moment. Now that one
    names them, nobody takes them.
    """
    path = _folder() / file.sha256
    if file.temporary and not path.exists():
        _keep(file.temporary, path)
        sync(path.parent)


def _folder() -> Path:
    root: Path = settings.PULSAR.storage.root
    return root / "uploads"


def _keep(temporary: Path, path: Path) -> None:
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
