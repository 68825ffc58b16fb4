"""Tables for other programs."""

import csv
import re
from collections.abc import Iterable, Iterator

# A spreadsheet would compute what begins so; with full-width signs too, in some places.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class _Echo:
    """What csv writes to, when each line is wanted at once."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The rows as CSV after RFC 4180, safe to be opened in a spreadsheet."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def safe(cell: str) -> str:
    """The cell as it is, a number as one, and what would be run as text."""
    if _NUMBER.fullmatch(cell):
        return cell
    is_run = cell.lstrip().startswith(_FORMULA) or cell.startswith(_BREAKS)
    return f"'{cell}" if is_run else cell
