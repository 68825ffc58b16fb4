"""What happened, newest first: the event log and what is still on its way to it."""

import heapq
import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self, TypeVar

from django.db import DatabaseError, connections, models
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.dateparse import parse_datetime

from monitor.models import Event, Happening, Outbox

logger = logging.getLogger(__name__)

_Row = TypeVar("_Row", bound=Happening)


class BadPlace(ValueError):
    """An address names a place in the log that cannot be."""


class Place(NamedTuple):
    """A place in the order of the page, which is that of its fields, backwards."""

    at: datetime
    waiting: bool
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()},{self.waiting:d},{self.id}"

    @classmethod
    def named(cls, text: str) -> Self:
        try:
            at, waiting, number = text.split(",")
            moment, place = parse_datetime(at), (bool(int(waiting)), int(number))
            if moment is None or moment.tzinfo is None:
                raise BadPlace(text)
            return cls(moment.astimezone(UTC), *place)
        except (ValueError, OverflowError) as error:
            raise BadPlace(text) from error


class Line(NamedTuple):
    """One event, and where it stands."""

    event: Happening
    place: Place


@dataclass(frozen=True)
class Wanted:
    """Which events somebody wants to see; what is empty does not matter."""

    kind: str = ""
    about: str = ""
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def among(self, rows: models.QuerySet[_Row]) -> models.QuerySet[_Row]:
        """Those of the rows that are wanted."""
        if self.about:
            # Little is about one thing: no other index may be taken instead.
            rows = rows.filter(about=self.about).alias(
                of_kind=Concat("kind", Value("")), by=Concat("who", Value(""))
            )
        kind, who = ("of_kind", "by") if self.about else ("kind", "who")
        if self.kind:
            rows = rows.filter(**{kind: self.kind})
        if self.who:
            rows = rows.filter(**{who: self.who})
        if self.since:
            rows = rows.filter(at__gte=self.since)
        if self.until:
            rows = rows.filter(at__lt=self.until)
        return rows


class Page(NamedTuple):
    """Some lines, where the next ones begin, and whether the log answered."""

    lines: list[Line]
    older: Place | None
    reachable: bool


def page(wanted: Wanted, before: Place | None, size: int) -> Page:
    """The newest of what is wanted, or the newest before a place."""
    # The log first: what moves there in between is then seen at least once.
    logged, reachable = _logged(wanted, before, size + 1)
    waiting = _newest(wanted.among(Outbox.objects.all()), before, size + 1)
    moved = {row.uuid for row in logged}
    lines = heapq.merge(
        (_line(row) for row in waiting if row.uuid not in moved),
        (_line(row) for row in logged),
        key=lambda line: line.place,
        reverse=True,
    )
    shown = list(itertools.islice(lines, size + 1))
    older = shown[size - 1].place if len(shown) > size else None
    return Page(shown[:size], older, reachable)


def walk(wanted: Wanted, size: int = 2000) -> Iterator[Page]:
    """Page after page to the end."""
    current = page(wanted, None, size)
    yield current
    while current.older:
        current = page(wanted, current.older, size)
        yield current


def _logged(
    wanted: Wanted, before: Place | None, size: int
) -> tuple[list[Event], bool]:
    try:
        return _newest(wanted.among(Event.objects.all()), before, size), True
    except DatabaseError as error:
        connections["events"].close()
        logger.warning("The event log cannot be shown: %s", error)
        return [], False


def _newest(rows: models.QuerySet[_Row], before: Place | None, size: int) -> list[_Row]:
    if before:
        # Both parts on purpose: an index finds the first, the second is cheap.
        rows = rows.filter(at__lte=before.at)
        waits = rows.model is Outbox
        if waits == before.waiting:
            rows = rows.exclude(at=before.at, id__gte=before.id)
        elif waits:
            rows = rows.exclude(at=before.at)
    return list(rows.order_by("-at", "-id")[:size])


def _line(row: Happening) -> Line:
    return Line(row, Place(row.at, isinstance(row, Outbox), row.pk))
