"""The line before the places in which runs work: first come, first served."""

import os
import socket
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from dispatch.models import Run
from monitor import claims
from monitor.work import State


def take_place(run: Run) -> bool:
    """Take the run and a place for it, if there is one and it is its turn."""
    at = now()
    place = _place(run, at)
    if place is None:
        return _asked(run, at)
    try:
        # Together: a place held by a run that nobody has would be free for nobody.
        with transaction.atomic():
            Run.objects.filter(pk=run.pk, state=State.QUEUED).update(
                place=place,
                tried_at=at,
                host=socket.gethostname()[:100],
                pid=os.getpid(),
            )
            return claims.claim(run)
    except IntegrityError:
        return _asked(run, at)  # another has taken this very place


def _asked(run: Run, at: datetime) -> bool:
    """Note that it asked in vain: from now on it stands before the younger."""
    Run.objects.filter(pk=run.pk, state=State.QUEUED).update(asked_at=at)
    return False


def _place(run: Run, at: datetime) -> int | None:
    """The place that falls to this run; the lower ones to who stands before it."""
    taken = set(Run.objects.exclude(place=None).values_list("place", flat=True))
    most = settings.PULSAR.dispatch.max_parallel
    free = [place for place in range(1, most + 1) if place not in taken]
    ahead = _standing(at).filter(pk__lt=run.pk).count()
    return free[ahead] if ahead < len(free) else None


def _standing(at: datetime) -> QuerySet[Run]:
    """Who asked for a place a moment ago.

    Nobody waits for one whom nobody starts, or whose message waits for a busy worker.
    """
    since = at - timedelta(seconds=2 * settings.PULSAR.scheduler.resend_seconds)
    return Run.objects.filter(state=State.QUEUED, asked_at__gte=since)
