"""CSV that a spreadsheet shows and never runs."""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# Full-width signs too: a spreadsheet of an East Asian locale takes them as the plain.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")
# Declinations too: who reads -24:46:46.2 back must find no apostrophe before it.
_NUMBER = re.compile(
    r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?"
    r"|[+-]?\d{1,3}(?::\d{1,2}){1,2}(?:\.\d*)?",
    re.ASCII,
)


def safe(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would take as a formula.

    Numbers, and texts that are numbers, stay as they are.

    Parameters
    ----------
    value : object
        What a cell shall hold.

    Returns
    -------
    object
        The value, or its harmless text.
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    # What stands before a formula and is not seen does not always keep it from running.
    is_run = value.lstrip().startswith(_FORMULA) or value.startswith(_BREAKS)
    return f"'{value}" if is_run else value


def write(stream: TextIO, records: Iterable[Sequence[object]]) -> None:
    """Write records as RFC 4180 has it.

    Parameters
    ----------
    stream : text stream
        Opened with ``newline=""``.
    records : iterable of sequence
        Cells by row.
    """
    writer = csv.writer(stream)
    writer.writerows([safe(value) for value in record] for record in records)


def write_frame(stream: TextIO, frame: "pd.DataFrame") -> None:
    """Write a table's rows; floats get the fewest digits that give them again.

    Parameters
    ----------
    stream : text stream
        Opened with ``newline=""``.
    frame : DataFrame
        The rows; its column names are not written.
    """
    columns = [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
    csv.writer(stream).writerows(zip(*columns, strict=True))


def _cells(cells: "pd.Series[Any]") -> list[object]:
    if cells.dtype == np.float32:
        # As a Python float, 0.1 would be 0.10000000149011612.
        return list(cells.to_numpy().astype(str))
    if cells.dtype.kind != "O":
        numbers: list[object] = cells.tolist()
        return numbers
    return [safe(cell) for cell in cells.astype(object).where(cells.notna(), None)]
