"""Bring back the work whose worker died, whose message was lost, that lacked room."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from monitor import room
from monitor.events import record
from monitor.send import send
from monitor.work import ENDED, State, Work


def sweep(kind: type[Work], at: datetime | None = None) -> list[Work]:
    """Free what a dead worker held, and send what waits; returns what was sent."""
    at = at or now()
    under_way = kind.objects.under_way()
    held = under_way.filter(_is_dead(at), state=State.RUNNING)
    freed = [work.pk for work in held if _free(work, at)]
    late = at - timedelta(seconds=settings.PULSAR.scheduler.resend_seconds)
    # By a clock that was put back since, it would lie there for as long.
    early = at + timedelta(seconds=settings.PULSAR.scheduler.resend_seconds)
    old = Q(sent_at__lt=late) | Q(sent_at__gt=early)
    if room.suffices():
        ready = Q(not_before=None) | Q(not_before__lte=at)
        stalled = under_way.filter(ready, old, state=State.UP_FOR_RETRY)
        freed += [work.pk for work in stalled if _go_on(work)]
    lost = Q(sent_at=None) & Q(created_at__lt=late) | old
    waiting = list(under_way.filter(Q(pk__in=freed) | lost, state=State.QUEUED))
    for work in waiting:
        send(work)
    return waiting


def _is_dead(at: datetime) -> Q:
    """Leases that the living would have renewed, though the clock was put back."""
    longest = timedelta(seconds=2 * settings.PULSAR.scheduler.lease_seconds)
    return Q(lease_until__lt=at) | Q(lease_until__gt=at + longest)


def _free(work: Work, at: datetime) -> bool:
    """Put work back in the queue, or give it up after too many dead workers."""
    state, reason = _fate(work)
    dead = type(work).objects.filter(
        _is_dead(at), pk=work.pk, state=State.RUNNING, holder=work.holder
    )
    with transaction.atomic():
        freed = dead.update(
            state=state,
            reason=reason,
            holder="",
            lease_until=None,
            finished_at=None if state == State.QUEUED else at,
            **work.ALONG.get(state, {}),
        )
        if freed and state in work.EVENTS:
            record(work.EVENTS[state], about=str(work), attempts=work.attempts)
        if freed and state in ENDED:
            work.count_end(state)
    return freed == 1


def _go_on(work: Work) -> bool:
    """Put work that waited for room back in the queue, to try whether it suffices.

    The reason stays, so that its worker knows: only if it comes further is it told.
    """
    stalled = type(work).objects.filter(pk=work.pk, state=State.UP_FOR_RETRY)
    return stalled.update(state=State.QUEUED) == 1


def _fate(work: Work) -> tuple[State, str]:
    if work.cancel_requested:
        return State.CANCELLED, "Cancelled on request."
    if work.attempts >= settings.PULSAR.scheduler.max_attempts:
        return State.FAILED, f"Given up: {work.attempts} workers died over it."
    return State.QUEUED, ""
