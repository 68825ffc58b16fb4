"""Uploads that no batch needs, taken away without ever taking those of a new one."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from monitor.work import ENDED
from showroom.models import BatchFile
from showroom.storage import disk

# What stands aside, out of every upload's reach, until it is looked at again.
_ASIDE = ".pruning-"
# Whatever else lies there is not ours.
_OURS = re.compile(rf"({re.escape(_ASIDE)})?[0-9a-f]{{64}}")
_AT_ONCE = 500


def needed() -> QuerySet[BatchFile]:
    """Files that retention has not taken, and whatever a worker reads or will read."""
    under_way = ~Q(batch__state__in=ENDED)
    return BatchFile.objects.filter(Q(removed_at=None) | under_way)


def remove(
    at: datetime,
    needed: QuerySet[BatchFile],
    released: Collection[str] = (),
    *,
    dry_run: bool,
) -> list[int]:
    """Remove uploads that are none of the needed files; what each took.

    Those that were released, as their batch went, go at whatever age.
    """
    # A young one may belong to an upload whose batch is still to come; one that stands
    # aside already was left there by a run that was killed.
    old = (
        file
        for file in disk.beside(_folder())
        if _OURS.fullmatch(file.name)
        and (
            file.name in released
            or _is_aside(file.path)
            or disk.is_old(file.changed, at)
        )
    )
    found = list(_not_needed(old, needed))
    if dry_run:
        return [file.size for file in found]
    return disk.freed(
        partial(_take, file, needed, None if file.name in released else at)
        for file in found
    )


def release(hashes: Collection[str]) -> int:
    """Remove those of the uploads that no batch names any more; what they took."""
    found = _not_needed(disk.named(_folder(), hashes), needed())
    return sum(disk.freed(partial(_take, file, needed()) for file in found))


def _folder() -> Path:
    root: Path = settings.PULSAR.storage.root
    return root / "uploads"


def _not_needed(
    files: Iterable[disk.File], needed: QuerySet[BatchFile]
) -> Iterator[disk.File]:
    files = iter(files)
    while some := list(islice(files, _AT_ONCE)):
        names = [_hash(file.path) for file in some]
        held = set(needed.filter(sha256__in=names).values_list("sha256", flat=True))
        yield from (f for f in some if _is_aside(f.path) or f.name not in held)


def _take(
    file: disk.File, needed: QuerySet[BatchFile], at: datetime | None = None
) -> int | None:
    """Move the file aside, and only then see whether an upload came in between.

    One that names its batch after that finds its bytes gone and keeps them anew.
    """
    aside = file.path.with_name(_ASIDE + _hash(file.path))
    try:
        if not _is_aside(file.path):
            file.path.rename(aside)
        # Whoever is about to name the same bytes has touched them.
        is_free = at is None or disk.is_old(aside.stat().st_mtime, at)
        if is_free and not _is_needed(aside, needed):
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
