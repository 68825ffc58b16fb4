"""A row's place in a queue, as an address has it."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

# A batch and a row, neither beyond what a database holds.
_PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


class Place(NamedTuple):
    """A row by the numbers that never change."""

    batch: int
    row: int

    def __str__(self) -> str:
        return f"{self.batch}-{self.row}"


class Left(NamedTuple):
    """How much a queue still holds; counted up to a limit."""

    n: int
    more: bool = False


class Queue(Protocol):
    """An order in which somebody judges."""

    def following(self, place: Place | None, most: int) -> list[Place]:
        """The next that they have not judged, behind a place or from the beginning."""

    def preceding(self, place: Place) -> Place | None:
        """What stands before a place, judged or not."""

    def left(self) -> Left:
        """How many they have not judged yet."""


class Ahead(NamedTuple):
    """What comes next, and whether for that the queue began anew."""

    places: Sequence[Place]
    again: bool


def place(text: str) -> Place | None:
    """The place that an address names, if it names one."""
    found = _PLACE.fullmatch(text)
    return Place(int(found[1]), int(found[2])) if found else None


def ahead(queue: Queue, place: Place | None, most: int) -> Ahead:
    """What comes next; behind the end that which was skipped comes again."""
    found = queue.following(place, most)
    if place is None or len(found) >= most:
        return Ahead(found, again=False)
    skipped = [p for p in queue.following(None, most) if p not in found]
    again = not found and bool(skipped)
    return Ahead([*found, *skipped][:most], again=again)
