"""Remove what the site keeps no longer; killed at any line, the next run goes on."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from monitor import leases
from monitor.events import record
from monitor.work import ENDED
from showroom.models import Batch, BatchFile
from showroom.storage import caches, leftovers, orphans
from showroom.storage.delete import restore
from showroom.storage.evidence import why_kept
from showroom.storage.remove import remove, takes

# A second run does no harm; it would only look at everything again.
_LEASE_SECONDS = 3600
# Rows that one statement changes.
_AT_ONCE = 1_000


class Freed(NamedTuple):
    """How much of one kind was removed."""

    kind: str
    n: int
    bytes: int


def prune(at: datetime | None = None, *, dry_run: bool = False) -> list[Freed]:
    """Remove it, or only tell what would be; nothing while another run does."""
    at = at or now()
    with leases.hold("prune", _LEASE_SECONDS) as held:
        if not held:
            return []
        if not dry_run:
            _bring_back(at)
        freed = list(_steps(at, dry_run=dry_run))
    removed = {one.kind: {"n": one.n, "bytes": one.bytes} for one in freed if one.n}
    if removed and not dry_run:
        record("storage.pruned", about="storage", **removed)
    return freed


def _steps(at: datetime, *, dry_run: bool) -> Iterator[Freed]:
    # Batches first: uploads go when nothing names them any more.
    going = [batch for batch in _outlived(at).order_by("pk") if not why_kept(batch)]
    yield _freed("batches", _batches(going, at, dry_run=dry_run))
    # What is theirs is counted already.
    numbers = {batch.pk for batch in going}
    yield _freed("uploads", _uploads(at, numbers, dry_run=dry_run))
    yield _freed("downloads", caches.downloads(at, numbers, dry_run=dry_run))
    yield _freed("pictures", caches.pictures(at, dry_run=dry_run))
    yield _freed("unlisted parts", leftovers.sweep(at, numbers, dry_run=dry_run))
    yield _freed("temporary files", caches.temporary(at, dry_run=dry_run))


def _freed(kind: str, sizes: Sequence[int]) -> Freed:
    return Freed(kind, len(sizes), sum(sizes))


def _batches(going: Sequence[Batch], at: datetime, *, dry_run: bool) -> list[int]:
    if dry_run:
        return [takes(batch) for batch in going]
    removed = (remove(batch, at) for batch in going)
    return [freed for freed in removed if freed is not None]


def _bring_back(at: datetime) -> None:
    """Restore what became evidence after it was deleted."""
    for batch in _outlived(at).exclude(deleted_by=None):
        if why_kept(batch):
            restore(batch)


def _outlived(at: datetime) -> QuerySet[Batch]:
    """Batches that were deleted long enough ago, or ended longer ago than is kept."""
    kept = settings.PULSAR.retention
    undone_until = at - timedelta(hours=kept.undo_hours)
    # Without the person who deleted it, its removal was begun and is to be ended.
    gone = Q(deleted_at__lte=undone_until) | Q(deleted_at__lte=at, deleted_by=None)
    if kept.scores.days:
        gone |= Q(finished_at__lt=at - timedelta(days=kept.scores.days))
    return Batch.objects.filter(gone, state__in=ENDED)


def _uploads(at: datetime, going: Collection[int], *, dry_run: bool) -> list[int]:
    expired, needed = _expired(at), BatchFile.objects.filter(removed_at=None)
    if dry_run:
        needed = needed.exclude(pk__in=expired.values("pk"))
        needed = needed.exclude(batch__in=going)
        return orphans.remove(at, needed, dry_run=True)
    while some := list(expired.values_list("pk", flat=True)[:_AT_ONCE]):
        BatchFile.objects.filter(pk__in=some).update(removed_at=at)
    return orphans.remove(at, needed, dry_run=False)


def _expired(at: datetime) -> QuerySet[BatchFile]:
    """Files that retention gives up; the bytes go when no other batch has them."""
    there = BatchFile.objects.filter(removed_at=None)
    days = settings.PULSAR.retention.uploads.days
    if not days:
        return there.none()
    old = there.filter(
        batch__created_at__lt=at - timedelta(days=days), batch__state__in=ENDED
    )
    batches = Batch.objects.filter(pk__in=old.values("batch"))
    return there.filter(batch__in=[one.pk for one in batches if not why_kept(one)])
