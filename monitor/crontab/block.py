"""Our block: which bytes of a table are ours, between two marks that name the site."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.crontab.errors import BrokenBlock

# Taken out again with the block: a last line without an end stays one.
_JOINED = b", after a line without an end"


class Span(NamedTuple):
    """Where a block stands in a table: with its marks, and without."""

    start: int
    inner: slice
    end: int
    joined: bool


def spans(table: bytes, root: Path) -> list[Span]:
    """Every block of ours; a mark without the one that belongs to it is BrokenBlock."""
    begin, end = (re.escape(mark) for mark in _marks(root))
    # In bytes, ^ knows one end of a line only: what is no \n is somebody's text.
    marks = re.compile(
        b"^(?:(%s)(%s)?|%s)[ \t\r]*(?:\n|\\Z)" % (begin, re.escape(_JOINED), end),
        re.MULTILINE,
    )
    found = list(marks.finditer(table))
    if [bool(mark[1]) for mark in found] != [True, False] * (len(found) // 2):
        raise BrokenBlock(_broken(table, root, found))
    return [
        Span(
            first.start(), slice(first.end(), last.start()), last.end(), bool(first[2])
        )
        for first, last in zip(found[::2], found[1::2], strict=True)
    ]


def _marks(root: Path) -> tuple[bytes, bytes]:
    title = b"pulsarsite " + os.fsencode(root)
    return b"# BEGIN " + title, b"# END " + title


def _broken(table: bytes, root: Path, found: Sequence[re.Match[bytes]]) -> str:
    begin, end = (decoded(mark) for mark in _marks(root))
    places = " and ".join(str(table[: mark.start()].count(b"\n") + 1) for mark in found)
    return (
        f"Our lines in the crontab cannot be told from others: they stand between "
        f"'{begin}' and '{end}', and of these only line {places} is there or in its "
        f"place. Put that right with crontab -e."
    )


def find(table: bytes, root: Path) -> str | None:
    """The text of our block; None where there is none, BrokenBlock where two are."""
    found = spans(table, root)
    if len(found) > 1:
        lines = [table[: span.start].count(b"\n") + 1 for span in found]
        raise BrokenBlock(
            f"Our lines stand in the crontab {len(found)} times (from line "
            f"{' and '.join(map(str, lines))}), so each job would run as often. "
            f"manage.py cron_install puts that right and shows you how first."
        )
    return decoded(table[found[0].inner]) if found else None


def put(table: bytes, root: Path, text: str) -> bytes:
    """The table with this text as its one block, where that was or at the end."""
    found = spans(table, root)
    for copy in reversed(found[1:]):
        table = table[: copy.start] + table[copy.end :]
    joined = found[0].joined if found else table[-1:] not in (b"", b"\n")
    start = found[0].start if found else len(table)
    end = found[0].end if found else len(table)
    first, last = _marks(root)
    lead = b"\n" if joined and not found else b""
    marked = first + (_JOINED if joined else b"") + b"\n" + encoded(text) + last + b"\n"
    return table[:start] + lead + marked + table[end:]


def without(table: bytes, root: Path) -> bytes:
    """The table without any block of ours."""
    for span in reversed(spans(table, root)):
        before, after = table[: span.start], table[span.end :]
        # What somebody wrote below would otherwise be glued to what stands above.
        if span.joined and not after:
            before = before.removesuffix(b"\n")
        table = before + after
    return table


def decoded(ours: bytes) -> str:
    """Our bytes as text; what somebody's editor made of them is kept."""
    return ours.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """Our text as it was in bytes."""
    return text.encode("utf-8", "surrogateescape")
