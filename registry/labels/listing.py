"""Labels, newest first, page after page."""

from datetime import UTC, datetime
from typing import NamedTuple, Self

from django.utils.dateparse import parse_datetime

from registry.models import Label
from registry.models.label import LabelQuerySet


class BadPlace(ValueError):
    """An address names a place in the list that cannot be."""


class Place(NamedTuple):
    """A place in the list: the label that stands there was given at this time."""

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


class Page(NamedTuple):
    """Some labels, and where the next ones begin."""

    labels: list[Label]
    older: Place | None


def page(labels: LabelQuerySet, before: Place | None, size: int) -> Page:
    """The newest of these, or the newest before a place."""
    if before:
        # Both parts on purpose: an index finds the first, the second is cheap.
        labels = labels.filter(at__lte=before.at)
        labels = labels.exclude(at=before.at, id__gte=before.id)
    newest = labels.select_related("person", "build").order_by("-at", "-pk")
    found = list(newest[: size + 1])
    shown = found[:size]
    more = len(found) > size
    return Page(shown, Place(shown[-1].at, shown[-1].pk) if more else None)
