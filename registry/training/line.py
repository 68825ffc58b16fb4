"""The line before the places in which trainings work: first come, first served."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from monitor import claims
from monitor.send import send
from monitor.work import State
from registry.models import TrainingRun


def take_place(run: TrainingRun) -> bool:
    """Take the run and a place for it, if there is one and it is its turn."""
    at = now()
    place = _place(run, at)
    if place is None:
        return _asked(run, at)
    try:
        # Together: a place held by a run that nobody has would be free for nobody.
        with transaction.atomic():
            _queued().filter(pk=run.pk).update(place=place)
            return claims.claim(run)
    except IntegrityError:
        return _asked(run, at)  # another has taken this very place


def whose_turn(run: TrainingRun) -> TrainingRun:
    """The first in the line, if this one stands in it too.

    Messages come as they please, and say no more than that a worker is free: one that
    was killed in its last hour is not to wait for all who came after it.
    """
    before = _queued().filter(pk__lt=run.pk).order_by("pk")
    first = before.select_related("dataset").first()
    return first if first and run.state == State.QUEUED else run


def send_next() -> None:
    """Send the first in the line: a place is free, and the sweep comes each minute."""
    first = _queued().order_by("pk").first()
    if first:
        send(first)


def _asked(run: TrainingRun, at: datetime) -> bool:
    """Note that it asked in vain: from now on it stands before the younger."""
    _queued().filter(pk=run.pk).update(asked_at=at)
    return False


def _place(run: TrainingRun, at: datetime) -> int | None:
    """The place that falls to this run; the lower ones to who stands before it."""
    held = TrainingRun.objects.exclude(place=None)
    taken = set(held.values_list("place", flat=True))
    most = settings.PULSAR.training.max_parallel
    free = [place for place in range(1, most + 1) if place not in taken]
    # Nobody waits for one whose message waits for a busy worker.
    since = at - timedelta(seconds=2 * settings.PULSAR.scheduler.resend_seconds)
    ahead = _queued().filter(asked_at__gte=since, pk__lt=run.pk).count()
    return free[ahead] if ahead < len(free) else None


def _queued() -> QuerySet[TrainingRun]:
    return TrainingRun.objects.filter(state=State.QUEUED)
