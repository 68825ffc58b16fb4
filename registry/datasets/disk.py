"""Where datasets, and what they are made of, lie in the site's storage."""

from pathlib import Path

from django.conf import settings


def folder(name: str) -> Path:
    """A folder of the storage; it is made if need be."""
    found: Path = settings.PULSAR.storage.root / name
    found.mkdir(parents=True, exist_ok=True)
    return found


def temporary() -> Path:
    """Where queries and readers put what memory does not hold."""
    return folder("tmp")
