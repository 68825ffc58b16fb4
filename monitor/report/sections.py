"""What a night report is made of; each app says what it knows of a night."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from monitor.report.night import Night

_Some = TypeVar("_Some")

# A number, a time, a length of time, or words; nothing where there is none.
Value = str | int | datetime | timedelta | None


class Cell(NamedTuple):
    """What stands in one place of a table."""

    value: Value = ""
    url: str = ""
    # How a state looks: the name of a badge.
    badge: str = ""
    # What matters more than the others.
    is_bad: bool = False


Row = tuple[Cell, ...]


class Need(NamedTuple):
    """Something that somebody should see to, as a sentence without its full stop."""

    said: str
    url: str = ""


class Table(NamedTuple):
    """Some rows under their headings, and what is not shown of them."""

    head: tuple[str, ...]
    rows: list[Row]
    # Headings whose column holds figures.
    numbers: frozenset[str] = frozenset()
    more: str = ""


@dataclass(frozen=True)
class Section:
    """What one app tells of a night."""

    title: str
    # Where one can read on.
    url: str = ""
    # What the first sentence says of it, if it is not empty.
    told: str = ""
    needs: tuple[Need, ...] = ()
    facts: tuple[tuple[str, Value], ...] = ()
    table: Table | None = None
    # What does not fit elsewhere, in sentences.
    note: str = ""
    # Said where there is nothing else.
    empty: str = ""


Gather = Callable[[Night], Section]

declared: list[tuple[int, Gather]] = []


def declare(order: int, gather: Gather) -> None:
    """Say in an AppConfig.ready() what else belongs into a night report."""
    declared.append((order, gather))


def gather(night: Night) -> list[Section]:
    """Every section, in order."""
    inside = sorted(declared, key=lambda section: section[0])
    return [section(night) for _, section in inside]


def few(rows: list[_Some], most: int, things: str) -> tuple[list[_Some], str]:
    """The first of them, and how many more of these things there are."""
    left = len(rows) - most
    return rows[:most], f"and {left} more {things}" if left > 0 else ""


def count(n: int, thing: str, things: str = "") -> str:
    """12 runs, 1 run, no runs."""
    return f"{n or 'no'} {thing if n == 1 else things or f'{thing}s'}"


def listed(words: Iterable[str], between: str = ", ") -> str:
    """The words that are not empty."""
    return between.join(filter(None, words))
