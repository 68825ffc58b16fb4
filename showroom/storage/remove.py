"""Remove a batch for good: files first, its row last, so that a crash is made good."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.models import User
from monitor.events import record
from showroom.models import Batch, BatchFile, Download
from showroom.storage import disk

logger = logging.getLogger(__name__)
# Who holds a batch that is on its way out for good; nobody brings it back.
REMOVAL = "removal"
# Rows that one transaction deletes.
_AT_ONCE = 1_000


def remove(batch: Batch, at: datetime, *, by: User | None = None) -> int | None:
    """Remove what belongs to a batch; the bytes of its folders, None if it stays.

    The bytes of its uploads are nobody's after this, or still another batch's: of
    which `uploads` told beforehand, for `orphans` to look.
    """
    if not _take(batch, at):
        return None
    try:
        freed = sum(remove_download(download) for download in batch.downloads.all())
        freed += disk.drop(batch.folder)
    except OSError as error:
        logger.warning("The files of %s cannot be removed: %s", batch, error)
        return None  # the next time
    for rows in (batch.candidates, batch.predictions, batch.chunks, batch.files):
        _delete_all(rows.all())
    with transaction.atomic():
        _, by_kind = Batch.objects.filter(pk=batch.pk).delete()
        if by_kind.get("showroom.Batch"):
            record("batch.pruned", about=str(batch), who=by, bytes=freed)
    return freed


def uploads(batches: Iterable[int]) -> set[str]:
    """Hashes of all files of these batches."""
    files = BatchFile.objects.filter(batch__in=list(batches))
    return set(files.values_list("sha256", flat=True))


def remove_download(download: Download) -> int:
    """Remove a prepared download; who is fetching it gets it to its end."""
    Download.objects.filter(pk=download.pk).delete()
    return disk.drop(download.folder)


def empty_download(download: Download) -> int:
    """Remove its file alone; its page says so, and how to get it again."""
    Download.objects.filter(pk=download.pk).update(size=0)
    return disk.drop(download.folder)


def takes(batch: Batch) -> int:
    """What `remove` would free."""
    prepared = (disk.size(download.folder) for download in batch.downloads.all())
    return disk.size(batch.folder) + sum(prepared)


def _take(batch: Batch, at: datetime) -> bool:
    """Make sure that nobody brings it back, works on it or reads it meanwhile."""
    if Download.objects.under_way().filter(batch=batch).exists():
        return False
    unchanged = Batch.objects.filter(
        pk=batch.pk,
        state=batch.state,
        deleted_at=batch.deleted_at,
        holder=batch.holder,
    )
    gone_since = batch.deleted_at or at
    return unchanged.update(deleted_at=gone_since, holder=REMOVAL) == 1


def _delete_all(rows: models.QuerySet[Any]) -> None:
    while some := list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        rows.model.objects.filter(pk__in=some).delete()
