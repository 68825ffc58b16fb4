"""How long rows are kept that each minute or each change leaves; the tick asks."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from monitor.models import Delivery, Flip, Start

STARTS = timedelta(days=90)
# Of one job: one that starts each minute has as many in four days.
MOST = 5_000
DELIVERIES = timedelta(days=90)
FLIPS = timedelta(days=400)
# Of the hour in which it is done.
MINUTE = 37
_AT_ONCE = 1_000
# Of one call; what is left has its turn in the next.
_PIECES = 20


def trim(at: datetime) -> None:
    """Forget once an hour what is too old."""
    if at.minute == MINUTE:
        _starts(at)
        _delete(_flips(at))
        _delete(_deliveries(at))


def _starts(at: datetime) -> None:
    """Of busy jobs also what is beyond the most."""
    _delete(Start.objects.filter(at__lt=at - STARTS))
    counts = Start.objects.order_by().values("job").annotate(n=Count("pk"))
    for job in counts.filter(n__gt=MOST).values_list("job", flat=True):
        mine = Start.objects.filter(job=job).order_by("-at")
        _delete(Start.objects.filter(job=job, at__lt=mine[MOST - 1].at))


def _flips(at: datetime) -> QuerySet[Flip]:
    """Not the last of a check: it says since when it is as it is."""
    same_time = Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    later = Flip.objects.filter(
        Q(at__gt=OuterRef("at")) | same_time, subject=OuterRef("subject")
    )
    return Flip.objects.filter(Exists(later), at__lt=at - FLIPS)


def _deliveries(at: datetime) -> QuerySet[Delivery]:
    """Not who was told of what goes on, nor what still waits."""
    old = Delivery.objects.filter(created_at__lt=at - DELIVERIES)
    return old.exclude(alert__live=True).exclude(state=Delivery.State.QUEUED)


def _delete(rows: QuerySet[Any]) -> None:
    """A piece at a time, in the order in which they came."""
    for _ in range(_PIECES):
        some = list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
        if not some:
            return
        rows.model.objects.filter(pk__in=some).delete()
