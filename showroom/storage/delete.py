"""Delete a batch, and bring it back while that can be undone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from showroom.errors import ShowroomError
from showroom.models import Batch
from showroom.models.batch import BatchQuerySet
from showroom.storage.evidence import why_kept


def may_delete(user: User, batch: Batch) -> bool:
    """Its owner may, and who may delete every batch."""
    return batch.owner_id == user.pk or user.has_perm("showroom.delete_batch")


def why_not(batch: Batch) -> str:
    """Why the batch cannot be deleted now; empty if it can."""
    if sentence := why_kept(batch):
        return sentence
    return "It is not at its end: cancel it first." if batch.is_under_way else ""


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
    # Without the person who deleted it, it is on its way out for good.
    hidden = Batch.objects.filter(
        pk=batch.pk, deleted_at=batch.deleted_at, deleted_by__isnull=False
    )
    with transaction.atomic():
        if not hidden.update(deleted_at=None, deleted_by=None):
            raise ShowroomError("The batch cannot be brought back any more.")
        record("batch.restored", about=str(batch), who=by)


def in_bin(user: User, at: datetime) -> BatchQuerySet:
    """The deleted batches that this person may still bring back."""
    undone_until = at - timedelta(hours=settings.PULSAR.retention.undo_hours)
    deleted = Batch.objects.filter(
        deleted_at__gt=undone_until, deleted_by__isnull=False
    )
    if user.has_perm("showroom.delete_batch"):
        return deleted
    return deleted.filter(owner=user)
