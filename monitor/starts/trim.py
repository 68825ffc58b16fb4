"""How many rows of starts are kept."""

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from monitor.models import Start

KEPT = timedelta(days=90)
# Of one job: one that starts each minute has as many in four days.
MOST = 5_000
_AT_ONCE = 1_000
# Of one call; what is left has its turn in the next.
_PIECES = 20


def trim(at: datetime) -> None:
    """Forget what is too old, and of busy jobs what is beyond the most."""
    _delete(Start.objects.filter(at__lt=at - KEPT))
    counts = Start.objects.order_by().values("job").annotate(n=Count("pk"))
    for job in counts.filter(n__gt=MOST).values_list("job", flat=True):
        mine = Start.objects.filter(job=job).order_by("-at")
        _delete(Start.objects.filter(job=job, at__lt=mine[MOST - 1].at))


def _delete(rows: QuerySet[Start]) -> None:
    for _ in range(_PIECES):
        some = list(rows.order_by("at").values_list("pk", flat=True)[:_AT_ONCE])
        if not some:
            return
        Start.objects.filter(pk__in=some).delete()
