"""JSON: a list of objects or of rows; and JSON Lines, one of them a line."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import columns, sniff, text, typed
from pulsar_ml.formats.gather import gathered
from pulsar_ml.formats.json_list import elements
from pulsar_ml.formats.table import Format, Source, Table

if TYPE_CHECKING:
    import pandas as pd

# One object is parsed as a whole; lists and JSON Lines may be of any size.
_MAX_BYTES = 16 * 2**20
_MAX_NESTED = 10**6
_SAMPLE = 100


def _recognises(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"[", b"{"}


def _open(source: Source) -> Table:
    with source.path.open("rb") as file:
        sample = next(gathered(_rows(file), _SAMPLE), [])
    if not sample:
        raise BadInput("holds no rows")
    objects = [row for row in sample if isinstance(row, dict)]
    lists = [row for row in sample if isinstance(row, list)]
    if objects:
        keys = list(dict.fromkeys(key for row in objects for key in row))
        layout = columns.by_header([typed.clean(key) for key in keys])
    elif lists:
        layout = columns.by_position([[_cell(v) for v in row] for row in lists])
        keys = []
    else:
        raise BadInput("is JSON, but neither a list nor lines of objects or rows")
    frames = partial(_frames, source.path, keys, layout.width)
    return typed.table(source, layout.names, frames, layout)


def _frames(path: Path, keys: list[str], width: int) -> "Iterator[pd.DataFrame]":
    import pandas as pd  # slow, and no start of a program needs it

    with path.open("rb") as file:
        for some in gathered(_rows(file)):
            cells = [_cells(row, keys, width) for row in some]
            frame = pd.DataFrame(cells, dtype=object)
            frame.attrs[typed.READ] = file.tell()
            yield frame


def _cells(row: object, keys: list[str], width: int) -> list[object]:
    if keys and isinstance(row, dict):
        return [row.get(key) for key in keys]
    if not keys and isinstance(row, list) and len(row) == width:
        return row
    # No row: it is shown where its numbers should be, and must not be taken for one.
    shown = row if isinstance(row, str) else json.dumps(row)
    return [f"only {shown}" if sniff.is_number(shown, ".") else shown] * width


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _rows(file: IO[bytes]) -> Iterator[tuple[object, int]]:
    """Each row with its size."""
    first = next(_lines(file), b"")
    file.seek(0)
    if _is_row(_parsed(first)):
        for line in _lines(file):
            yield _parsed(line), len(line)
    elif first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        yield from elements(file)
    else:
        yield _whole(file.read(_MAX_BYTES + 1)), 0


def _is_row(value: object) -> bool:
    """Whether a line is a row; a list of rows is not."""
    if isinstance(value, list):
        return not all(isinstance(cell, (list, dict)) for cell in value)
    return isinstance(value, dict)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(text.MAX_LINE):
        if line.strip():
            yield line


def _parsed(line: bytes) -> object:
    """Parse a line; what is no JSON stays text."""
    content = line.decode("utf-8-sig", errors="backslashreplace").strip()
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content


def _whole(data: bytes) -> object:
    if len(data) > _MAX_BYTES:
        raise BadInput(
            f"is one JSON object larger than {_MAX_BYTES >> 20} MiB; as a list of rows "
            "or as JSON Lines it can be of any size"
        )
    if data.count(b"[") + data.count(b"{") > _MAX_NESTED:
        raise BadInput("is JSON with more lists and objects than can be read")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"is no JSON: {error}") from error


FORMAT = Format("JSON", _recognises, _open)
