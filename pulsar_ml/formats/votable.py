"""VOTable: the first table of the file."""

import io
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import typed
from pulsar_ml.formats.table import Format, Source, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

# It is parsed as a whole.
_MAX_BYTES = 64 * 2**20
_ROOT_WITHIN = 4096
# Fixed sizes are taken in memory whatever the file holds.
_MAX_CELL = 10_000
_SIZES = re.compile(rb"\barraysize\s*=\s*[\"']([^\"']*)")
_ROWS = re.compile(rb"\bnrows\s*=\s*[\"']\s*(\d{1,18})")
# As attributes: in the letters of BINARY2 the bare words turn up by chance.
_ELSEWHERE = re.compile(rb"\bhref\s*=|[\"']\s*gzip")
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


def _recognises(start: bytes) -> bool:
    begin = start[:_ROOT_WITHIN].removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        begin.startswith(b"<") and re.search(rb"<(\w+:)?VOTABLE\b", begin) is not None
    )


def _open(source: Source) -> Table:
    # Once, however often its rows are asked for.
    array, names = _parsed(source.path)
    return typed.table(source, names, partial(_frames, array))


def _parsed(path: Path) -> tuple[Any, list[str]]:
    from astropy.io.votable import parse  # noqa: PLC0415  # 0.5 s, few files need it

    data = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
    if not data:
        raise BadInput(f"is a VOTable larger than {_MAX_BYTES >> 20} MiB")
    _inspect(data)
    try:
        tables = list(parse(io.BytesIO(data), verify="ignore").iter_tables())
    except ValueError as error:
        raise BadInput(f"is a damaged VOTable: {error}") from error
    if not tables:
        raise BadInput("is a VOTable without a table")
    names = [typed.clean(field.name or field.ID or "") for field in tables[0].fields]
    return tables[0].array, names


def _inspect(data: bytes) -> None:
    """Refuse what would fetch files, or take memory that the data do not fill."""
    if any(word in data for word in _FORBIDDEN):
        raise BadInput("declares a document type or entities, which are not read")
    if b"STREAM" in data and _ELSEWHERE.search(data):
        raise BadInput(
            "is a VOTable whose data lie elsewhere or are compressed; "
            "write it with its data as TABLEDATA"
        )
    cells = [_cell_size(size.decode("latin-1")) for size in _SIZES.findall(data)]
    rows = [int(count) for count in _ROWS.findall(data)]
    if sum(cells) > _MAX_CELL or max(rows, default=0) > len(data):
        raise BadInput("is a VOTable that declares larger sizes than are read")


def _cell_size(size: str) -> int:
    product = 1
    for number in re.findall(r"\d+", size)[:10]:
        product *= int(number[:18])
    return product


def _frames(array: Any) -> "Iterator[pd.DataFrame]":
    for first in range(0, len(array), typed.ROWS):
        rows = array[first : first + typed.ROWS]
        yield typed.frame([rows[name] for name in rows.dtype.names])


FORMAT = Format("VOTable", _recognises, _open)
