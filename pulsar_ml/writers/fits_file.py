"""FITS: a binary table, its texts in ASCII as the standard demands."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsar_ml.place import placed
from pulsar_ml.writers.columns import (
    DOUBLE,
    FLAG,
    SINGLE,
    TEXT,
    WHOLE,
    Column,
    plain,
    texts,
)
from pulsar_ml.writers.format import Format, Put
from pulsar_ml.writers.sheet import Sheet

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 2_880
_TYPES = {
    WHOLE: ("K", ">i8"),
    DOUBLE: ("D", ">f8"),
    SINGLE: ("E", ">f4"),
    FLAG: ("B", "u1"),
}
# All texts of a column take as much room as its longest one.
_LONGEST = 1_024
_LONGEST_REMARK = 400
_LONGEST_COMMENTED = 25
_KEYWORDS = {
    "site": ("ORIGIN", "site that wrote this file"),
    "batch": ("BATCH", "number of the batch"),
    "title": ("TITLE", "what was classified"),
    "model_version": ("MODELVER", "version of the model"),
    "model_sha256": ("MODELSHA", "SHA-256 of its artefact"),
    "threshold": ("THRESHLD", "probability from which on it is a pulsar"),
    "selection": ("ROWSEL", "which rows these are"),
    "written_at": ("DATE", "when this was written"),
}
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127)}
_COMMENTS = (
    r"Texts are ASCII. Other letters are written as \xe9, \u2013, \U0001f600.",
    "Blanks at the end of a text are lost.",
    "An empty text may be a missing one.",
)


def escaped(text: str) -> str:
    r"""Write a text in the letters that FITS allows.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Printable ASCII; any other letter is written as in Python, like ``\xe9``.
    """
    return text.translate(_ESCAPES).encode("ascii", "backslashreplace").decode()


@contextmanager
def _opened(path: Path, sheet: Sheet, temp: Path) -> Iterator[Put]:
    del temp  # nothing waits
    types = np.dtype([(f"c{n}", _type(c)) for n, c in enumerate(sheet.columns)])
    start, n_bytes = _headers(sheet), 0
    with placed(path) as unfinished, unfinished.open("wb") as stream:
        stream.write(start)

        def put(frame: "pd.DataFrame") -> None:
            nonlocal n_bytes
            n_bytes += stream.write(_rows(frame, sheet.columns, types))

        yield put
        if n_bytes != sheet.n_rows * types.itemsize:
            raise ValueError("There are not as many rows as were announced.")
        stream.write(b"\0" * (-n_bytes % _BLOCK))


def _rows(
    frame: "pd.DataFrame", columns: Sequence[Column], types: "np.dtype[Any]"
) -> bytes:
    rows = np.empty(len(frame), dtype=types)
    for place, column in enumerate(columns):
        cells = frame.iloc[:, place]
        if column.kind == TEXT:
            # Longer ones are cut here.
            rows[f"c{place}"] = np.array(_ascii(cells), dtype=_type(column))
        else:
            rows[f"c{place}"] = cells.to_numpy()
    return rows.tobytes()


def _ascii(cells: "pd.Series[Any]") -> list[str]:
    found = [cell or "" for cell in texts(cells)]
    together = "".join(found)
    if together.isascii() and together.isprintable():
        return found
    return [escaped(cell) for cell in found]


def _type(column: Column) -> str:
    if column.kind != TEXT:
        return _TYPES[column.kind][1]
    return f"S{_width(column)}"


def _width(column: Column) -> int:
    return min(max(column.width, 1), _LONGEST)


def _headers(sheet: Sheet) -> bytes:
    # 0.5 s, and only these downloads need it.
    from astropy.io import fits  # noqa: PLC0415

    names = plain([column.name for column in sheet.columns])
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(
                name=name,
                format=f"{_width(c)}A" if c.kind == TEXT else _TYPES[c.kind][0],
                unit=c.unit.replace(".", " ") or None,
            )
            for name, c in zip(names, sheet.columns, strict=True)
        ],
        name="SCORES",
    ).header
    for place, (name, column) in enumerate(zip(names, sheet.columns, strict=True), 1):
        after = f"TUNIT{place}" if column.unit else f"TFORM{place}"
        if remark := _remark(name, column):
            table.set(f"TCOMM{place}", remark, after=after)
        if column.ucd:
            table.set(f"TUCD{place}", column.ucd, after=after)
    table["NAXIS2"] = sheet.n_rows
    table["CREATOR"] = ("pulsarsite", "software that wrote this file")
    for key, value in sheet.provenance.said().items():
        keyword, comment = _KEYWORDS[key]
        cut = escaped(value)[:_LONGEST_REMARK] if isinstance(value, str) else value
        # A comment behind a long value would be cut off.
        long = isinstance(cut, str) and len(cut) > _LONGEST_COMMENTED
        table[keyword] = cut if long else (cut, comment)
    for comment in _COMMENTS:
        table.add_comment(comment)
    headers: str = fits.PrimaryHDU().header.tostring() + table.tostring()
    return headers.encode()


def _remark(name: str, column: Column) -> str:
    said = [column.description]
    if name != column.name:
        said.append(f"named {column.name} in its file")
    if column.width > _LONGEST:
        said.append(f"cut after {_LONGEST} of up to {column.width} letters")
    return escaped("; ".join(filter(None, said)))[:_LONGEST_REMARK]


FORMAT = Format(
    "fits",
    "FITS",
    (".fits", ".fit"),
    "application/fits",
    is_typed=True,
    is_fixed=True,
    opened=_opened,
)
