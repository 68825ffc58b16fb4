"""Who does a piece of work: taken, kept and given back by compare-and-set."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from monitor.work import Cancelled, LeaseLost, State, Work


def claim(work: Work) -> bool:
    """Take the work if it waits; the database decides who was first."""
    at = now()
    taken = _row(work, state=State.QUEUED).update(
        state=State.RUNNING,
        reason="",
        holder=uuid4().hex,
        lease_until=_end(at),
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", at),
    )
    if taken:
        work.refresh_from_db()
    return taken == 1


def keep(work: Work, **changes: object) -> None:
    """Renew the lease and save changes with it, if the work is still ours."""
    until = _end(now())
    _change(work, lease_until=until, **changes)
    work.lease_until = until


def wait(
    work: Work,
    *,
    reason: str,
    counts: bool = False,
    not_before: datetime | None = None,
    **changes: object,
) -> None:
    """Give the work back until the sweep finds it can go on; a start may not count."""
    _change(
        work,
        state=State.UP_FOR_RETRY,
        reason=reason[:500],
        holder="",
        lease_until=None,
        attempts=F("attempts") - (0 if counts else 1),
        sent_at=now(),
        not_before=not_before,
        **work.ALONG.get(State.UP_FOR_RETRY, {}),
        **changes,
    )


def give_back(work: Work) -> None:
    """Put the work back in the queue: whoever has it must go; that does not count."""
    _change(
        work,
        state=State.QUEUED,
        holder="",
        lease_until=None,
        attempts=F("attempts") - 1,
        sent_at=now(),
        **work.ALONG.get(State.QUEUED, {}),
    )


def close(work: Work, state: State, *, reason: str = "", **changes: object) -> bool:
    """End the work, if it is still ours."""
    return (
        _held(work).update(
            state=state,
            reason=reason[:500],
            holder="",
            lease_until=None,
            finished_at=now(),
            **work.ALONG.get(state, {}),
            **changes,
        )
        == 1
    )


def _change(work: Work, **changes: object) -> None:
    held = _held(work)
    if held.filter(cancel_requested=False).update(**changes):
        return
    if held.exists():
        raise Cancelled("Cancelled on request.")
    raise LeaseLost(f"Another worker has taken {work} over.")


def _held(work: Work) -> QuerySet[Any]:
    return _row(work, state=State.RUNNING, holder=work.holder)


def _row(work: Work, **is_so: object) -> QuerySet[Any]:
    return type(work).objects.filter(pk=work.pk, **is_so)


def _end(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.PULSAR.scheduler.lease_seconds)
