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


def store(upload: TemporaryUploadedFile) -> Stored:
    """Keep an upload beyond its request, under its hash; the same bytes once."""
    temporary = Path(upload.temporary_file_path())
    digest = hashlib.sha256()
    with temporary.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
        os.fsync(file.fileno())
    folder = settings.PULSAR.storage.root / "uploads"
    folder.mkdir(exist_ok=True)
    _keep(temporary, folder / digest.hexdigest())
    sync(folder)
    return Stored(upload.name or "unnamed", digest.hexdigest(), upload.size or 0)


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
