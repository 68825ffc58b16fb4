"""Uploads that no batch needs, taken away without ever taking those of a new one."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from showroom.models import BatchFile
from showroom.storage import disk

# What stands aside, out of every upload's reach, until it is looked at again.
_ASIDE = ".pruning-"
_AT_ONCE = 500


def remove(at: datetime, needed: QuerySet[BatchFile], *, dry_run: bool) -> list[int]:
    """Remove uploads that are none of the needed files; what each took."""
    root: Path = settings.PULSAR.storage.root
    # A young one may belong to an upload whose batch is still to come; one that stands
    # aside already was left there by a run that was killed.
    old = (
        file
        for file in disk.beside(root / "uploads")
        if _is_aside(file.path) or disk.is_old(file.changed, at)
    )
    found = list(_not_needed(old, needed))
    if dry_run:
        return [file.size for file in found]
    taken = (_take(file, at, needed) for file in found)
    return [size for size in taken if size is not None]


def _not_needed(
    files: Iterator[disk.File], needed: QuerySet[BatchFile]
) -> Iterator[disk.File]:
    while some := list(islice(files, _AT_ONCE)):
        names = [_hash(file.path) for file in some]
        held = set(needed.filter(sha256__in=names).values_list("sha256", flat=True))
        yield from (f for f in some if _is_aside(f.path) or f.name not in held)


def _take(file: disk.File, at: datetime, needed: QuerySet[BatchFile]) -> int | None:
    """Move the file aside, and only then see whether an upload came in between."""
    aside = file.path.with_name(_ASIDE + _hash(file.path))
    try:
        if not _is_aside(file.path):
            file.path.rename(aside)
        # Whoever brought the same bytes has touched them, or else brings them anew.
        if disk.is_old(aside.stat().st_mtime, at) and not _is_needed(aside, needed):
            aside.unlink()
            return file.size
        _put_back(aside)
    except FileNotFoundError:
        pass  # another run was first
    return None


def _put_back(aside: Path) -> None:
    try:
        aside.with_name(_hash(aside)).hardlink_to(aside)
    except FileExistsError:
        pass  # an upload has brought the bytes anew
    aside.unlink()


def _is_needed(path: Path, needed: QuerySet[BatchFile]) -> bool:
    return needed.filter(sha256=_hash(path)).exists()


def _is_aside(path: Path) -> bool:
    return path.name.startswith(_ASIDE)


def _hash(path: Path) -> str:
    return path.name.removeprefix(_ASIDE)
