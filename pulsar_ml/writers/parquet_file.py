"""Parquet: typed columns, and a VOTable header that says what they are."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pulsar_ml import parquet
from pulsar_ml.writers import votable_file
from pulsar_ml.writers.columns import SQL_TYPES
from pulsar_ml.writers.format import Format, Put
from pulsar_ml.writers.sheet import Sheet

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def _opened(path: Path, sheet: Sheet, temp: Path) -> Iterator[Put]:
    temp.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=temp, prefix="parquet-") as folder,
        parquet.writer(Path(folder), temp=temp) as write,
    ):
        parts: list[Path] = []

        def put(frame: "pd.DataFrame") -> None:
            named = frame.set_axis([f"c{n}" for n in range(frame.shape[1])], axis=1)
            parts.append(Path(folder, f"{len(parts):06d}.parquet"))
            write(parts[-1], named)

        yield put
        columns = {column.name: SQL_TYPES[column.kind] for column in sheet.columns}
        parquet.describe(path, parts, columns, _notes(sheet), temp=temp)


def _notes(sheet: Sheet) -> dict[str, str]:
    """Provenance; and units and UCDs in the way of the IVOA's VOParquet note."""
    return {
        **{name: str(value) for name, value in sheet.provenance.said().items()},
        "IVOA.VOTable-Parquet.version": "1.0",
        "IVOA.VOTable-Parquet.encoding": "utf-8",
        "IVOA.VOTable-Parquet.type": "Parquet-local-XML",
        "IVOA.VOTable-Parquet.content": votable_file.header(sheet),
    }


FORMAT = Format(
    "parquet",
    "Parquet",
    (".parquet",),
    "application/vnd.apache.parquet",
    is_typed=True,
    is_fixed=False,
    opened=_opened,
)
