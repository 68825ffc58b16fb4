"""One chunk on disk: a Parquet part of scores, and one of rejects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from monitor import room
from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.table import Scratch
from pulsar_ml.loader import Reject
from showroom.models import Batch, Prediction

if TYPE_CHECKING:
    import pandas as pd

SCORED = ("row", "name", *FEATURES, "probability", "predicted", "warnings")
# A batch of many files with different columns keeps so many of them.
MAX_METADATA = 500


def metadata(batch: Batch, scored: "pd.DataFrame") -> list[str]:
    """The batch's metadata columns, with those that this chunk adds."""
    new = [c for c in scored.columns if c not in SCORED and c not in batch.columns]
    return [*batch.columns, *new][:MAX_METADATA]


@contextmanager
def writer(batch: Batch) -> Iterator[parquet.Put]:
    """What writes the batch's files, for as long as the body runs."""
    batch.folder.mkdir(parents=True, exist_ok=True)
    with parquet.writer(batch.folder, temp=temporary()) as put:
        yield put


def write_scores(
    put: parquet.Put,
    batch: Batch,
    number: int,
    scored: "pd.DataFrame",
    columns: Sequence[str] = (),
    *,
    worker: str,
) -> tuple[str, str]:
    """Write a part and return its file name and hash.

    Metadata columns get names of ours, so that no name from a file reaches a query;
    the part's name holds the worker's, so that no two workers write the same file.
    """
    ours = {name: f"meta_{place}" for place, name in enumerate(columns)}
    kept = [name for name in scored.columns if name in SCORED or name in ours]
    name = f"part-{number:05d}-{worker[:8]}.parquet"
    return _write(put, batch, name, scored[kept].rename(columns=ours))


def write_rejects(
    put: parquet.Put,
    batch: Batch,
    number: int,
    rejects: Sequence[Reject],
    *,
    worker: str,
) -> str:
    """Write what could not be used beside the part, and return the file's name."""
    import pandas as pd  # slow, and not needed by most requests

    if not rejects:
        return ""
    frame = pd.DataFrame(rejects, columns=list(Reject._fields))
    frame = frame.astype({"line": "Int64"})
    name = f"rejects-{number:05d}-{worker[:8]}.parquet"
    return _write(put, batch, name, frame)[0]


def size(batch: Batch, *names: str) -> int:
    """What these files of the batch take on the disk; without a name there is none."""
    return sum((batch.folder / name).stat().st_size for name in names if name)


def values(case: Prediction) -> list[object]:
    """A single case as a row of scores."""
    return [
        case.row,
        case.name or str(case),
        *case.features.values(),
        case.probability,
        int(case.predicted),
        case.warnings,
    ]


def temporary() -> Path:
    """Where queries put what memory does not hold."""
    folder: Path = settings.PULSAR.storage.root / "tmp"
    folder.mkdir(exist_ok=True)
    return folder


def scratch() -> Scratch:
    """Where what is read is unpacked, as long as the reserve stays free."""
    return Scratch(temporary(), room.check)


def _write(
    put: parquet.Put, batch: Batch, name: str, frame: "pd.DataFrame"
) -> tuple[str, str]:
    if frame.empty:
        return "", ""
    room.check()
    return name, put(batch.folder / name, frame)
