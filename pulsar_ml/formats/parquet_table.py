"""Parquet tables, scanned by DuckDB in bounded memory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
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
# A text stands once in a file however many rows have it, but once a row in memory.
_MAX_ROW = 2**20
_NARROW = 4096
_BYTES = 8 * 2**20
_PLAIN = ("DOUBLE", "FLOAT", "BOOLEAN", "DECIMAL", "DATE", "TIME")
_PLAIN_ENDS = ("INT", "INTEGER")


def _recognises(start: bytes) -> bool:
    return start.startswith(b"PAR1")


def _open(source: Source) -> Table:
    with _scan(source) as rows:
        names = [typed.clean(column[0]) for column in rows.description or ()]
    return typed.table(source, names, partial(_frames, source))


def _frames(source: Source) -> "Iterator[pd.DataFrame]":
    import pandas as pd  # slow, and no start of a program needs it

    with _scan(source) as rows:
        widest = _widest(rows, source)
        rows.execute(f"from {parquet.scan([source.path])}")
        if widest > _NARROW:
            while some := rows.fetchmany(max(1, _BYTES // widest)):
                yield pd.DataFrame(
                    [list(map(_cell, row)) for row in some], dtype=object
                )
            return
        while not (frame := rows.fetch_df_chunk(typed.ROWS // _VECTOR)).empty:
            yield frame


def _widest(rows: duckdb.DuckDBPyConnection, source: Source) -> int:
    """How many bytes the texts of a row take, of the row where they take most."""
    kinds = [str(column[1]) for column in rows.description or ()]
    sizes = " + ".join(
        f"coalesce(strlen(cast(c{place} as varchar)), 0)"
        for place, kind in enumerate(kinds)
        if not (kind.startswith(_PLAIN) or kind.endswith(_PLAIN_ENDS))
    )
    if not sizes:
        return 0
    ours = ", ".join(f"c{place}" for place in range(len(kinds)))
    scan = f"{parquet.scan([source.path])} as t({ours})"
    # No name of the file's own is in it.
    (widest,) = rows.execute(f"select max({sizes}) from {scan}").fetchone() or (0,)  # noqa: S608
    if (widest or 0) > _MAX_ROW:
        raise BadInput(f"has a row whose texts are longer than {_MAX_ROW >> 20} MiB")
    return widest or 0


def _cell(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


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
