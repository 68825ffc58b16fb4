"""Who works on a batch: taken, kept and given back by compare-and-set."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from showroom.errors import Cancelled, LeaseLost
from showroom.models import Batch, State


def claim(batch: Batch) -> bool:
    """Take the batch if it waits; the database decides who was first."""
    at = now()
    taken = Batch.objects.filter(pk=batch.pk, state=State.QUEUED).update(
        state=State.RUNNING,
        reason="",
        holder=uuid4().hex,
        lease_until=_end(at),
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", at),
    )
    if taken:
        batch.refresh_from_db()
    return taken == 1


def keep(batch: Batch, **changes: object) -> None:
    """Renew the lease and save changes with it, if the batch is still ours."""
    held = Batch.objects.filter(pk=batch.pk, state=State.RUNNING, holder=batch.holder)
    if held.filter(cancel_requested=False).update(lease_until=_end(now()), **changes):
        return
    if held.exists():
        raise Cancelled("Cancelled on request.")
    raise LeaseLost(f"Another worker has taken {batch} over.")


def close(batch: Batch, state: State, *, reason: str = "", **changes: object) -> bool:
    """End the work, if the batch is still ours."""
    held = Batch.objects.filter(pk=batch.pk, state=State.RUNNING, holder=batch.holder)
    return (
        held.update(
            state=state,
            reason=reason[:500],
            holder="",
            lease_until=None,
            finished_at=now(),
            **changes,
        )
        == 1
    )


def _end(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.PULSAR.scheduler.lease_seconds)
