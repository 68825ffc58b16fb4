"""VOTable: the first table of the file, in bounded memory."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulsar_ml.formats import typed, votable_cells
from pulsar_ml.formats.gather import gathered
from pulsar_ml.formats.table import Format, Source, Table
from pulsar_ml.formats.votable_xml import Document

if TYPE_CHECKING:
    import pandas as pd

_ROOT_WITHIN = 4096


def _recognises(start: bytes) -> bool:
    begin = start[:_ROOT_WITHIN].removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        begin.startswith(b"<") and re.search(rb"<(\w+:)?VOTABLE\b", begin) is not None
    )


def _open(source: Source) -> Table:
    with _first_table(source.path) as document:
        fields = votable_cells.columns(document.fields)
    names = [typed.clean(field.name or field.ID or "") for field in fields]
    return typed.table(source, names, partial(_frames, source.path, fields))


@contextmanager
def _first_table(path: Path) -> Iterator[Document]:
    with path.open("rb") as file:
        document = Document(file, path.stat().st_size)
        while not document.serialisation and document.more():
            pass
        yield document


def _frames(path: Path, fields: list[Any]) -> "Iterator[pd.DataFrame]":
    with _first_table(path) as document:
        for rows in gathered(votable_cells.rows(document, fields)):
            cells = zip(*rows, strict=True)
            frame = typed.frame(list(map(votable_cells.array, fields, cells)))
            frame.attrs[typed.READ] = document.n_read
            yield frame


FORMAT = Format("VOTable", _recognises, _open)
