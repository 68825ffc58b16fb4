"""Parquet tables, scanned by DuckDB in bounded memory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pulsar_ml import parquet
from pulsar_ml.errors import BadInput
from pulsar_ml.formats import typed
from pulsar_ml.formats.table import Format, Source, Table

if TYPE_CHECKING:
    import pandas as pd

# DuckDB's own unit of rows.
_VECTOR = 2048


def _recognises(start: bytes) -> bool:
    return start.startswith(b"PAR1")


def _open(source: Source) -> Table:
    with _scan(source) as rows:
        names = [typed.clean(column[0]) for column in rows.description or ()]
    return typed.table(source, names, partial(_frames, source))


def _frames(source: Source) -> "Iterator[pd.DataFrame]":
    with _scan(source) as rows:
        while True:
            frame = rows.fetch_df_chunk(typed.ROWS // _VECTOR)
            if frame.empty:
                return
            yield frame


@contextmanager
def _scan(source: Source) -> Iterator[duckdb.DuckDBPyConnection]:
    aside = source.scratch.folder
    with tempfile.TemporaryDirectory(prefix="parquet-", dir=aside) as folder:
        try:
            with parquet.connection(
                Path(folder), folders=[source.path.parent]
            ) as opened:
                yield opened.execute(f"from {parquet.scan([source.path])}")
        except duckdb.Error as error:
            raise BadInput("is a damaged Parquet file") from error


FORMAT = Format("Parquet", _recognises, _open)
