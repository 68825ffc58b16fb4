"""How figures are called on pages; those that nobody declared keep their name."""

from datetime import timedelta
from typing import NamedTuple

# Single samples are kept so long, then there are means of them.
SINGLE = timedelta(days=2)
# After what has been declared.
_LAST = 1000


class Figure(NamedTuple):
    """One measured figure, in words."""

    name: str
    title: str
    # seconds, bytes, share, per minute, or what is counted.
    unit: str = ""
    order: int = _LAST
    # What it means, where the title cannot say it.
    words: str = ""
    # Where what it measures can be looked at one by one.
    page: str = ""
    # How long each of its samples is kept.
    single: timedelta = SINGLE


declared: dict[str, Figure] = {}


def declare(
    name: str,
    title: str,
    unit: str = "",
    order: int = _LAST,
    *,
    words: str = "",
    page: str = "",
    single: timedelta = SINGLE,
) -> None:
    """Say in an AppConfig.ready() how a figure is to be shown."""
    declared[name] = Figure(name, title, unit, order, words, page, single)


def called(name: str) -> Figure:
    """What is known of a figure."""
    return declared.get(name) or Figure(name, name)
