"""How a text table is written: delimiter, decimal mark, header; never assumed."""

import csv
import io
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pulsar_ml.errors import BadInput, UnknownFormat
from pulsar_ml.formats import columns, text
from pulsar_ml.formats.columns import Layout
from pulsar_ml.formats.table import MAX_COLUMNS

BLANKS = " "
# On a tie the earlier one wins.
_DELIMITERS = {
    "\t": "tabs",
    ";": "semicolons",
    "|": "vertical bars",
    ",": "commas",
    BLANKS: "blanks",
}
MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


class Dialect(NamedTuple):
    """How the text of a table is to be taken apart.

    Lines that begin with `comment` are no rows; `lines_before` the table are skipped by
    the encoding's mark.
    """

    encoding: text.Encoding
    delimiter: str
    decimal: str
    header: bool
    layout: Layout
    notes: tuple[str, ...]
    comment: str = ""
    lines_before: int = 0


class _Guess(NamedTuple):
    features: int
    numbers: int
    delimiter: str
    decimal: str
    rows: list[list[str]]


def number(decimal: str) -> str:
    """Give the pattern of a number.

    Parameters
    ----------
    decimal : str
        The decimal mark.

    Returns
    -------
    str
        A regular expression without groups.
    """
    mark = re.escape(decimal)
    return rf"[+-]?(?:[0-9]++(?:{mark}[0-9]*+)?|{mark}[0-9]++)(?:[eE][+-]?[0-9]++)?"


def is_missing(value: str) -> bool:
    """Say whether a field holds no value.

    Parameters
    ----------
    value : str
        The field's text.

    Returns
    -------
    bool
        True for one of `MISSING_WORDS`, whatever its case and the blanks around it.
    """
    return value.strip().lower() in MISSING_WORDS


def is_number(value: str, decimal: str) -> bool:
    """Say whether a field holds a finite number.

    Parameters
    ----------
    value : str
        The field's text; blanks around it play no part.
    decimal : str
        The decimal mark.

    Returns
    -------
    bool
        False for words like ``inf`` and ``nan``.
    """
    return _number(decimal).fullmatch(value.strip()) is not None


def fields(record: str, delimiter: str) -> list[str]:
    """Take one record apart.

    Parameters
    ----------
    record : str
        A line, or several where a quoted field spans them.
    delimiter : str
        What separates fields; `BLANKS` for any number of blanks or tabs.

    Returns
    -------
    list of str
        The fields, without the quotation marks around them.
    """
    if delimiter == BLANKS:
        record, delimiter = tabbed(record), "\t"
    if '"' not in record:
        return record.split(delimiter)
    # A field may be as long as a line; the module's own limit is for strangers.
    csv.field_size_limit(2 * text.MAX_LINE)
    # Line by line: under a wrong delimiter a record may break outside of its fields.
    return next(csv.reader(io.StringIO(record), delimiter=delimiter))


def tabbed(record: str) -> str:
    """Put one tab where a table of aligned columns has any number of blanks.

    Parameters
    ----------
    record : str
        A line, or several where a quoted field spans them.

    Returns
    -------
    str
        The same; blanks within quotation marks stay.
    """
    if '"' not in record:
        return re.sub(r"[ \t]+", "\t", record.strip(" \t"))
    return "\t".join(re.findall(r'"(?:[^"]|"")*+"|[^ \t]++', record))


def sniff(start: bytes) -> Dialect:
    """Decide from the first mebibyte how the whole table is written.

    Parameters
    ----------
    start : bytes
        The first `text.HEAD_BYTES`, or the whole file if it is shorter.

    Returns
    -------
    Dialect
        With notes on what is not as usual.

    Raises
    ------
    UnknownFormat
        There is no table in it.
    BadInput
        There are too many columns, or not those of the features.
    """
    encoding = text.encoding_of(start)
    guesses = [g for mark in _DELIMITERS for g in _guesses(start, encoding, mark)]
    best = max(guesses, key=lambda g: (g.features, g.numbers), default=None)
    if best is None or not (best.features or best.numbers):
        raise UnknownFormat(
            "no table was found in it: there are no columns of numbers "
            "separated by commas, semicolons, tabs, vertical bars or blanks"
        )
    first = best.rows[0]
    header = best.features > 0 or _numbers([first], best.decimal) * 2 < sum(
        not is_missing(value) for value in first
    )
    layout = columns.by_header(first) if header else columns.by_position(best.rows)
    notes = (*_decisions(encoding, best), *layout.notes)
    return Dialect(encoding, best.delimiter, best.decimal, header, layout, notes)


def _guesses(start: bytes, encoding: text.Encoding, delimiter: str) -> list[_Guess]:
    found = text.first_records(start, encoding, delimiter)
    widest = max((record.count(delimiter) + 1 for record in found), default=0)
    if widest > MAX_COLUMNS and delimiter != BLANKS:
        raise BadInput(
            f"has {widest} columns separated by {_DELIMITERS[delimiter]}; "
            f"at most {MAX_COLUMNS} can be read"
        )
    rows = [fields(record, delimiter) for record in found]
    body = rows[1:] or rows
    widths = [len(row) for row in body]
    width = max(widths, key=widths.count, default=0)
    if width < 2:
        return []
    known = columns.recognised(rows[0])
    regular = [row for row in body if len(row) == width]
    return [
        _Guess(known, _numbers(regular, decimal), delimiter, decimal, rows)
        for decimal in ".,"
        if decimal != delimiter
    ]


def _numbers(rows: Sequence[Sequence[str]], decimal: str) -> int:
    return sum(is_number(value, decimal) for row in rows for value in row)


@cache
def _number(decimal: str) -> re.Pattern[str]:
    return re.compile(number(decimal))


def _decisions(encoding: text.Encoding, guess: _Guess) -> list[str]:
    notes = []
    if encoding.name == "cp1252":
        notes.append("The text is not UTF-8 and was read as Windows-1252.")
    elif encoding.mark:
        notes.append(f"The text was read as {encoding.name.upper()}, by its mark.")
    if guess.delimiter != ",":
        name = _DELIMITERS[guess.delimiter]
        notes.append(f"The columns are separated by {name}.")
    if guess.decimal == ",":
        notes.append("The decimal mark is the comma.")
    return notes
