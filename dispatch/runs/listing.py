"""All runs, newest first, page after page."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from dispatch.models import Run, Schedule
from monitor.place import Place


@dataclass(frozen=True)
class Wanted:
    """Which runs somebody wants to see; what is empty does not matter."""

    schedule: Schedule | None = None
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    reading: bool = False

    def among(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        """Those of the runs that are wanted."""
        if self.schedule:
            runs = runs.filter(schedule=self.schedule)
        if self.state:
            runs = runs.filter(state=self.state)
        if self.since:
            runs = runs.filter(created_at__gte=self.since)
        if self.until:
            runs = runs.filter(created_at__lt=self.until)
        return runs.filter(n_files__gt=0) if self.reading else runs


class Page(NamedTuple):
    """Some runs, and where the next ones begin."""

    runs: list[Run]
    older: Place | None


def page(wanted: Wanted, before: Place | None, size: int) -> Page:
    """The newest of what is wanted, or the newest before a place."""
    runs = wanted.among(Run.objects.all())
    if before:
        # Both parts on purpose: an index finds the first, the second is cheap.
        runs = runs.filter(created_at__lte=before.at)
        runs = runs.exclude(created_at=before.at, id__gte=before.id)
    found = list(newest(runs)[: size + 1])
    shown = found[:size]
    more = len(found) > size
    return Page(shown, Place(shown[-1].created_at, shown[-1].pk) if more else None)


def newest(runs: QuerySet[Run]) -> QuerySet[Run]:
    """The latest on top, ready for templates/dispatch/_runs.html."""
    named = runs.select_related("schedule", "slot", "by")
    return named.order_by("-created_at", "-pk")
