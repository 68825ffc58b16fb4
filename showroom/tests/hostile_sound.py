"""Sound files of every format, to be spoilt."""

import io
import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd  # noqa: TID253  # a test may take its time
from astropy.table import Table

from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import raw_files
from pulsar_ml.tests.test_archive import tarred, zipped

GOOD = (102.5, 58.75, 0.5, -0.25, 1.75, 14.5, 10.5, 127.25)
_ROWS = 20


class Bad(NamedTuple):
    """A file to be sent: `says` is a pattern of what is to be answered.

    Where it is None, rows of the file may be used as well.
    """

    name: str
    content: bytes
    says: str | None = "."


def row(place: int = 0) -> list[str]:
    """The cells of a good row, each other than the last."""
    return [str(GOOD[0] + place), *map(str, GOOD[1:])]


def table(rows: Sequence[Sequence[str]], *more: str) -> bytes:
    """A CSV with these rows, written as they are."""
    lines = [[*FEATURES, *more], *rows]
    return "".join(",".join(cells) + "\n" for cells in lines).encode()


def frame(rows: int = _ROWS) -> pd.DataFrame:
    """Good rows, with a column of texts."""
    values = [[float(cell) for cell in row(place)] for place in range(rows)]
    return pd.DataFrame(values, columns=list(FEATURES)).assign(
        note=[f"note {place}" for place in range(rows)]
    )


def written(of: pd.DataFrame, kind: str, **options: object) -> bytes:
    """The frame as Astropy writes it."""
    stream = io.BytesIO()
    Table.from_pandas(of).write(stream, format=kind, **options)
    return stream.getvalue()


def as_parquet(of: pd.DataFrame) -> bytes:
    """The frame as a Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        parquet.write(path, of, temp=Path(folder))
        return path.read_bytes()


def _arff(of: pd.DataFrame) -> bytes:
    names = "".join(f"@attribute {name} numeric\n" for name in FEATURES)
    lines = of[list(FEATURES)].to_csv(index=False, header=False)
    return f"@relation sky\n{names}@data\n{lines}".encode()


@cache
def _sound() -> dict[str, bytes]:
    of = frame()
    text = of.to_csv(index=False).encode()
    rows = json.loads(of.to_json(orient="records"))
    inside = {"a.csv": text, "b.phcx": raw_files.phcx()}
    return {
        "phcx": raw_files.phcx(),
        "morello.phcx": raw_files.phcx("morello"),
        "phcx.gz": raw_files.phcx(compressed=True),
        "pfd": raw_files.pfd(),
        "big-endian.pfd": raw_files.pfd(">"),
        "csv": text,
        "tsv": of.to_csv(index=False, sep="\t").encode(),
        "utf-16.csv": text.decode().encode("utf-16"),
        "arff": _arff(of),
        "json": json.dumps(rows).encode(),
        "jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "vot": written(of, "votable", tabledata_format="tabledata"),
        "binary.vot": written(of, "votable", tabledata_format="binary"),
        "binary2.vot": written(of, "votable", tabledata_format="binary2"),
        "fits": written(of, "fits"),
        "parquet": as_parquet(of),
        "zip": zipped(inside),
        "tar": tarred(inside),
        "tar.gz": tarred(inside, "w:gz"),
    }


SOUND = _sound()
