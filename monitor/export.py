"""Tables for other programs."""

import csv
from collections.abc import Iterable, Iterator

# A spreadsheet would compute what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    """The cell as text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
