"""Delete a batch, and bring it back while that can be undone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from showroom.downloads import prepare
from showroom.errors import ShowroomError
from showroom.models import Batch
from showroom.models.batch import BatchQuerySet
from showroom.storage import orphans
from showroom.storage.evidence import why_kept
from showroom.storage.remove import REMOVAL, remove, uploads


def may_delete(user: User, batch: Batch) -> bool:
    """Its owner may, and who may delete every batch."""
    return batch.owner_id == user.pk or user.has_perm("showroom.delete_batch")


def why_not(batch: Batch) -> str:
    """Why the batch cannot be deleted now; empty if it can."""
    if sentence := why_kept(batch):
        return sentence
    if not batch.is_under_way:
        return ""
    what = "the run of its schedule" if batch.is_of_run else "it"
    return f"It is not at its end: cancel {what} first."


def delete(batch: Batch, *, by: User) -> None:
    """Hide a batch from everybody; its files go when it can be undone no longer."""
    if reason := why_not(batch):
        raise ShowroomError(reason)
    there = Batch.objects.filter(pk=batch.pk, state=batch.state, deleted_at=None)
    with transaction.atomic():
        if not there.update(deleted_at=now(), deleted_by=by):
            raise ShowroomError("The batch has changed in this moment; look again.")
        record("batch.deleted", about=str(batch), who=by)


def restore(batch: Batch, *, by: User | None = None) -> None:
    """Bring a deleted batch back."""
    hidden = Batch.objects.filter(
        pk=batch.pk, deleted_at=batch.deleted_at, deleted_at__isnull=False
    ).exclude(holder=REMOVAL)
    with transaction.atomic():
        if not hidden.update(deleted_at=None, deleted_by=None):
            raise ShowroomError("The batch cannot be brought back any more.")
        record("batch.restored", about=str(batch), who=by)


def remove_now(batch: Batch, *, by: User) -> int:
    """Remove a deleted batch before its time; the bytes that are free again."""
    if reason := why_kept(batch):
        raise ShowroomError(reason)
    for download in batch.downloads.under_way():
        prepare.cancel(download)
    hashes = uploads([batch.pk])
    freed = remove(batch, now(), by=by)
    if freed is None:
        raise ShowroomError(
            "It is in use at this moment, or somebody has brought it back. Look again."
        )
    return freed + orphans.release(hashes)


def in_bin(user: User) -> BatchQuerySet:
    """The deleted batches, still on the disk, of which this person decides."""
    deleted = Batch.objects.exclude(deleted_at=None).exclude(holder=REMOVAL)
    if user.has_perm("showroom.delete_batch"):
        return deleted
    return deleted.filter(owner=user)


def undone_until(at: datetime) -> datetime:
    """Whatever was deleted after this can be brought back."""
    return at - timedelta(hours=settings.PULSAR.retention.undo_hours)
