"""Remove what the site keeps no longer; killed at any line, the next run goes on."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from monitor import leases
from monitor.events import record
from monitor.work import ENDED
from showroom.models import Batch, BatchFile
from showroom.storage import caches, disk, leftovers, orphans
from showroom.storage.delete import restore
from showroom.storage.evidence import free, why_kept
from showroom.storage.remove import REMOVAL, remove, takes, uploads

# So long a run that was killed keeps out the next. A second one beside one that takes
# longer does no harm; it would only look at everything again.
LEASE_SECONDS = 600
# Rows that one statement changes.
_AT_ONCE = 1_000
# Batches that go in one run; the next takes more.
_MOST = 10_000


class Freed(NamedTuple):
    """How much of one kind was removed."""

    kind: str
    n: int
    bytes: int


def prune(at: datetime | None = None, *, dry_run: bool = False) -> list[Freed]:
    """Remove it, or only tell what would be; nothing while another run does."""
    at = at or now()
    with leases.hold("prune", LEASE_SECONDS) as held:
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
    going = list(free(_outlived(at)).order_by("pk")[:_MOST])
    numbers = {batch.pk for batch in going}
    released = uploads(numbers)
    yield _freed("batches", _batches(going, at, dry_run=dry_run))
    yield _freed("uploads", _uploads(at, numbers, released, dry_run=dry_run))
    # What else is theirs is counted already.
    yield _freed("downloads", caches.downloads(at, numbers, dry_run=dry_run))
    yield _freed("pictures", caches.pictures(at, dry_run=dry_run))
    yield _freed("unlisted parts", leftovers.sweep(at, numbers, dry_run=dry_run))
    yield _freed("temporary files", caches.temporary(at, dry_run=dry_run))


def _freed(kind: str, sizes: Sequence[int]) -> Freed:
    return Freed(kind, len(sizes), sum(sizes))


def _batches(going: Sequence[Batch], at: datetime, *, dry_run: bool) -> list[int]:
    if dry_run:
        return [takes(batch) for batch in going]
    return disk.freed(partial(remove, batch, at) for batch in going)


def _bring_back(at: datetime) -> None:
    """Restore what became evidence after it was deleted."""
    deleted = _outlived(at).exclude(deleted_at=None).exclude(holder=REMOVAL)
    for batch in deleted.iterator():
        if why_kept(batch):
            restore(batch)


def _outlived(at: datetime) -> QuerySet[Batch]:
    """Batches that were deleted long enough ago, or ended longer ago than is kept."""
    kept = settings.PULSAR.retention
    undone_until = at - timedelta(hours=kept.undo_hours)
    # A removal that was begun is to be ended.
    gone = Q(deleted_at__lte=undone_until) | Q(deleted_at__lte=at, holder=REMOVAL)
    if kept.scores.days:
        gone |= Q(finished_at__lt=at - timedelta(days=kept.scores.days))
    return Batch.objects.filter(gone, state__in=ENDED)


def _uploads(
    at: datetime, going: Collection[int], released: Collection[str], *, dry_run: bool
) -> list[int]:
    expired, needed = _expired(at), orphans.needed()
    if dry_run:
        needed = needed.exclude(pk__in=expired.values("pk"))
        needed = needed.exclude(batch__in=going)
        return orphans.remove(at, needed, released, dry_run=True)
    while some := list(expired.values_list("pk", flat=True)[:_AT_ONCE]):
        BatchFile.objects.filter(pk__in=some).update(removed_at=at)
    return orphans.remove(at, needed, released, dry_run=False)


def _expired(at: datetime) -> QuerySet[BatchFile]:
    """Files that retention gives up; the bytes go when no other batch has them."""
    there = BatchFile.objects.filter(removed_at=None)
    days = settings.PULSAR.retention.uploads.days
    if not days:
        return there.none()
    old = Batch.objects.filter(
        created_at__lt=at - timedelta(days=days), state__in=ENDED
    )
    return there.filter(batch__in=free(old).values("pk"))
