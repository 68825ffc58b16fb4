"""All runs, newest first, page after page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from dispatch.models import Run, Schedule


class BadPlace(ValueError):
    """An address names a place in the list that cannot be."""


class Place(NamedTuple):
    """A place in the list: the run that stands there was asked for at this time."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()},{self.id}"

    @classmethod
    def named(cls, text: str) -> Self:
        try:
            at, number = text.split(",")
            moment, place = parse_datetime(at), int(number)
            # What no column holds is no place either.
            if moment is None or moment.tzinfo is None or not 0 < place < 2**63:
                raise BadPlace(text)
            return cls(moment.astimezone(UTC), place)
        except (ValueError, OverflowError) as error:
            raise BadPlace(text) from error


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
