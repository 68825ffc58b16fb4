"""Where datasets, and what they are made of, lie in the site's storage."""

import shutil
from pathlib import Path

from django.conf import settings

from pulsar_ml.place import sync


def folder(name: str) -> Path:
    """A folder of the storage; it is made if need be."""
    found: Path = settings.PULSAR.storage.root / name
    found.mkdir(parents=True, exist_ok=True)
    return found


def temporary() -> Path:
    """Where queries and readers put what memory does not hold."""
    return folder("tmp")


def settle(coming: Path, place: Path) -> None:
    """Move a folder to where its row's files lie.

    What lies there is of a row of the same number that a database has lost, as one
    that was brought back from a backup, and is nobody's any more.
    """
    shutil.rmtree(place, ignore_errors=True)
    coming.rename(place)
    sync(place.parent)
