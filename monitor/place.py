"""Where a page of a list that grows at its head begins: after a moment and a row."""

from datetime import UTC, datetime
from typing import NamedTuple, Self

from django.utils.dateparse import parse_datetime


class BadPlace(ValueError):
    """An address names a place in the list that cannot be."""


class Place(NamedTuple):
    """A place in the list: what stands there came at this time."""

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
