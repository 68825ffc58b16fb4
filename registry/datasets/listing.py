"""Datasets in a list: the newest first, with what each led to."""

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from monitor.work import State
from registry.models import Build, Dataset

# A build that failed before is known by then.
_FAILED = timedelta(days=1)
# More are a matter for the events.
_BUILDS = 10


def found(words: str, source: str) -> QuerySet[Dataset]:
    """Those whose name or number holds the words, and of this source."""
    wanted = Q(name__icontains=words)
    if words.isdecimal():
        wanted |= Q(number=int(words[:9]))
    asked = Dataset.objects.filter(wanted)
    if source:
        asked = asked.filter(source=source)
    shown = asked.select_related("parent", "created_by").defer("recipe", "columns")
    return shown.annotate(n_runs=Count("runs")).order_by("-number")


def page(words: str, source: str, number: str | None, size: int) -> Page[Any]:
    """One page of those."""
    return Paginator(found(words, source), size).get_page(number)


def builds(at: datetime) -> list[Build]:
    """Datasets in the making, and those that failed a short while ago."""
    lately = Q(state=State.FAILED, finished_at__gte=at - _FAILED)
    open_ = Q(pk__in=Build.objects.under_way().values("pk"))
    found = Build.objects.exclude(kind=Build.Kind.LABELS).filter(lately | open_)
    return list(found.select_related("by").order_by("-pk")[:_BUILDS])
