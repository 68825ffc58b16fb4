"""Datasets in a list: the newest first, with what each led to."""

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from monitor.work import State
from registry.models import Build, Dataset

# A build that failed before is known by then.
_FAILED = timedelta(days=1)
# More are a matter for the events.
_BUILDS = 10


def page(words: str, source: str, number: str | None, size: int) -> Page[Any]:
    """One page of those whose name or number holds the words, and of this source."""
    wanted = Q(name__icontains=words)
    if words.isdecimal():
        wanted |= Q(number=int(words[:9]))
    found = Dataset.objects.filter(wanted)
    if source:
        found = found.filter(source=source)
    shown = (
        found.select_related("parent", "created_by")
        .annotate(n_runs=Count("runs"))
        .defer("recipe", "columns")
        .order_by("-number")
    )
    return Paginator(shown, size).get_page(number)


def builds(at: datetime) -> list[Build]:
    """Datasets in the making, and those that failed a short while ago."""
    lately = Q(state=State.FAILED, finished_at__gte=at - _FAILED)
    open_ = Q(pk__in=Build.objects.under_way().values("pk"))
    found = Build.objects.exclude(kind=Build.Kind.LABELS).filter(lately | open_)
    return list(found.select_related("by").order_by("-pk")[:_BUILDS])
