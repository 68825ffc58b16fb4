"""The whole crontab as it is, and what mending it would change."""

import difflib
from hashlib import sha256
from typing import NamedTuple

from monitor.crontab import block, lines, place
from monitor.crontab.change import Change, rows
from monitor.crontab.errors import BrokenBlock, CrontabError
from monitor.crontab.masked import masked

_AROUND = 3


class Row(NamedTuple):
    """A line of the table."""

    number: int
    text: str
    is_ours: bool


class Part(NamedTuple):
    """A line of the difference: which goes, comes or stays, or where it stands."""

    sign: str
    text: str


class Whole(NamedTuple):
    """The table of the clock of this site."""

    rows: list[Row]
    difference: list[Part]
    # Names the change that is shown, so that no other one is made.
    seen: str
    # Why nothing can be said of it, or why it cannot be mended here.
    problem: str = ""


def whole() -> Whole:
    """The crontab as a page may show it."""
    try:
        change = lines.mending()
    except CrontabError as error:
        return Whole(_rows(_readable()), [], "", str(error))
    return Whole(_rows(change.was), _difference(change), name(change))


def _readable() -> bytes:
    """The table, where only our part of it is amiss."""
    try:
        return place.table().read()
    except CrontabError:
        return b""


def name(change: Change) -> str:
    """A change by a word that fits into a form."""
    both = b"\0".join(sha256(table).digest() for table in change)
    return sha256(both).hexdigest()


def _rows(table: bytes) -> list[Row]:
    ours = _ours(table)
    texts = rows(table)
    return [Row(n, masked(text), n in ours) for n, text in enumerate(texts, 1)]


def _ours(table: bytes) -> set[int]:
    """The numbers of the lines of our block, its marks included."""
    if not place.is_host():
        return set(range(1, table.count(b"\n") + 2))
    try:
        spans = block.spans(table, place.storage())
    except BrokenBlock:
        return set()
    return {
        number
        for span in spans
        for number in range(
            table.count(b"\n", 0, span.start) + 1, table.count(b"\n", 0, span.end) + 1
        )
    }


def _difference(change: Change) -> list[Part]:
    was, wanted = ([masked(row) for row in rows(table)] for table in change)
    told = difflib.unified_diff(was, wanted, lineterm="", n=_AROUND)
    # The first two name files, which there are none of.
    return [_part(row) for row in list(told)[2:]]


def _part(row: str) -> Part:
    return Part("@", row) if row.startswith("@@") else Part(row[0], row[1:])
