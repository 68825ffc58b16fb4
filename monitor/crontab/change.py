"""A change of a crontab, shown before it is made."""

import difflib
from typing import NamedTuple


class Change(NamedTuple):
    """A crontab as it is, and as it would be."""

    was: bytes
    wanted: bytes

    @property
    def is_none(self) -> bool:
        return self.was == self.wanted

    def diff(self) -> str:
        """The whole table with what goes and what comes; odd bytes shown harmlessly."""
        was, wanted = map(rows, self)
        names = ("the crontab now", "the crontab then")
        told = difflib.unified_diff(
            was, wanted, *names, lineterm="", n=len(was) + len(wanted)
        )
        return "\n".join(told)


def rows(table: bytes) -> list[str]:
    """The lines as a terminal may show them: no byte of them steers it."""
    text = table.decode("utf-8", "backslashreplace")
    found = text.removesuffix("\n").split("\n") if text else []
    if text and not text.endswith("\n"):
        found[-1] += "  (no end of line)"
    return ["".join(map(_visible, row)) for row in found]


def _visible(c: str) -> str:
    return c if c.isprintable() or c == "\t" else repr(c)[1:-1]
