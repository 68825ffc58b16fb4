"""CSV, as RFC 4180 has it, and with no cell that a spreadsheet runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pulsar_ml import safe_csv
from pulsar_ml.place import placed
from pulsar_ml.writers.format import Format, Put
from pulsar_ml.writers.sheet import Sheet


@contextmanager
def _opened(path: Path, sheet: Sheet, temp: Path) -> Iterator[Put]:
    del temp  # nothing waits
    with (
        placed(path) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as stream,
    ):
        safe_csv.write(stream, [[column.name for column in sheet.columns]])
        yield partial(safe_csv.write_frame, stream)


FORMAT = Format(
    "csv",
    "CSV",
    (".csv",),
    "text/csv; charset=utf-8",
    is_typed=False,
    is_fixed=False,
    opened=_opened,
)
