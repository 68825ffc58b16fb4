"""The files of a dataset: its rows as they are stored or as CSV, and its dictionary."""

import json
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import TYPE_CHECKING

from pulsar_ml import parquet, safe_csv
from pulsar_ml.datasets.store import ROWS
from registry.datasets.disk import temporary
from registry.models import Dataset

if TYPE_CHECKING:
    import pandas as pd

CSV, DICTIONARY = "rows.csv", "dictionary.json"
FILES = (ROWS, CSV, DICTIONARY)


def file_name(dataset: Dataset, file: str) -> str:
    """What a file is called where it is saved."""
    return f"dataset-{dataset.number}-{file}"


def dictionary(dataset: Dataset) -> str:
    """What stands in each column, and of which dataset, as JSON."""
    told = {
        "dataset": dataset.number,
        "name": dataset.name,
        "sha256": dataset.sha256,
        "rows": dataset.n_rows,
        "pulsars": dataset.n_pulsars,
        "recipe": dataset.recipe,
        "columns": dataset.columns,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def as_csv(dataset: Dataset) -> Iterable[str]:
    """Its rows as RFC 4180 has them, which no spreadsheet runs; OSError if missing."""
    path = dataset.folder / ROWS
    # Before the answer begins: in the middle of a file nobody could be told.
    with path.open("rb"):
        return _lines(dataset)


def _lines(dataset: Dataset) -> Iterator[str]:
    head = StringIO()
    safe_csv.write(head, [[column["name"] for column in dataset.columns]])
    yield head.getvalue()
    path = dataset.folder / ROWS
    with parquet.connection(temporary(), folders=[path.parent]) as opened:
        rows = opened.execute(
            f"select * from {parquet.scan([path])}"  # noqa: S608  # quoted
        )
        while len(part := rows.fetch_df_chunk(10)):
            text = StringIO()
            safe_csv.write_frame(text, _known(part))
            yield text.getvalue()


def _known(part: "pd.DataFrame") -> "pd.DataFrame":
    """The same rows; what is missing is empty, and not the word nan."""
    lacking = [name for name in part.columns if part[name].isna().any()]
    return part.assign(
        **{
            name: part[name].astype(object).where(part[name].notna())
            for name in lacking
        }
    )
