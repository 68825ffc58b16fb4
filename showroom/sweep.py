"""Bring back the batches whose worker died or whose message was lost."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from monitor.events import record
from showroom.models import Batch, State
from showroom.send import send


def sweep(at: datetime | None = None) -> list[Batch]:
    """Free what a dead worker held, and send what waits; returns what was sent."""
    at = at or now()
    held = Batch.objects.under_way().filter(state=State.RUNNING, lease_until__lt=at)
    freed = Q(pk__in=[batch.pk for batch in held if _free(batch, at)])
    late = at - timedelta(seconds=settings.PULSAR.scheduler.resend_seconds)
    lost = Q(sent_at=None) & Q(created_at__lt=late) | Q(sent_at__lt=late)
    waiting = list(Batch.objects.under_way().filter(freed | lost, state=State.QUEUED))
    for batch in waiting:
        send(batch)
    return waiting


def _free(batch: Batch, at: datetime) -> bool:
    """Put a batch back in the queue, or give it up after too many dead workers."""
    state, reason = _fate(batch)
    dead = Batch.objects.filter(
        pk=batch.pk, state=State.RUNNING, holder=batch.holder, lease_until__lt=at
    )
    with transaction.atomic():
        freed = dead.update(
            state=state,
            reason=reason,
            holder="",
            lease_until=None,
            finished_at=None if state == State.QUEUED else at,
        )
        if freed:
            record(_KINDS[state], about=str(batch), attempts=batch.attempts)
    return freed == 1


def _fate(batch: Batch) -> tuple[State, str]:
    if batch.cancel_requested:
        return State.CANCELLED, "Cancelled on request."
    if batch.attempts >= settings.PULSAR.scheduler.max_attempts:
        return State.FAILED, f"Given up: {batch.attempts} workers died over it."
    return State.QUEUED, ""


_KINDS = {
    State.QUEUED: "batch.resumed",
    State.FAILED: "batch.failed",
    State.CANCELLED: "batch.cancelled",
}
