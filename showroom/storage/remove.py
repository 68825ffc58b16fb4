"""Remove a batch for good: files first, its row last, so that a crash is made good."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from monitor.events import record
from showroom.models import Batch, Download
from showroom.storage import disk

# Rows that one transaction deletes.
_AT_ONCE = 1_000


def remove(batch: Batch, at: datetime) -> int | None:
    """Remove what belongs to a batch; the bytes of its folders, None if it stays.

    The bytes of its uploads are nobody's after this, or still another batch's.
    """
    if not _take(batch, at):
        return None
    freed = sum(remove_download(download) for download in batch.downloads.all())
    freed += disk.drop(batch.folder)
    if batch.folder.exists():
        return None  # the next time
    for rows in (batch.candidates, batch.predictions, batch.chunks, batch.files):
        _delete_all(rows.all())
    with transaction.atomic():
        _, by_kind = Batch.objects.filter(pk=batch.pk).delete()
        if by_kind.get("showroom.Batch"):
            record("batch.pruned", about=str(batch), bytes=freed)
    return freed


def remove_download(download: Download) -> int:
    """Remove a prepared download; who is fetching it gets it to its end."""
    Download.objects.filter(pk=download.pk).delete()
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
        deleted_by=batch.deleted_by_id,
    )
    gone_since = batch.deleted_at or at
    return unchanged.update(deleted_at=gone_since, deleted_by=None) == 1


def _delete_all(rows: models.QuerySet[Any]) -> None:
    while some := list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        rows.model.objects.filter(pk__in=some).delete()
