"""Where a row comes from: the file, and how it reached the site."""

from typing import NamedTuple

from pulsar_ml.formats.beside import paired
from showroom import scores
from showroom.models import Batch, BatchFile, Prediction
from showroom.raw import Raw


class Origin(NamedTuple):
    """The file of a row, or the case; of many files perhaps only how many."""

    file: BatchFile | None
    n_files: int
    case: Prediction | None


def origin(batch: Batch, row: int, behind: Raw | None) -> Origin:
    """Tell it as closely as the ledger knows it."""
    if batch.day:
        return Origin(None, 0, batch.predictions.filter(row=row).first())
    file = behind.file if behind else _by_ledger(batch, row)
    return Origin(file, batch.files.count(), None)


def _by_ledger(batch: Batch, row: int) -> BatchFile | None:
    """The file, if the chunk of the row lies within one."""
    ledger = batch.chunks.filter(first_row__lte=row).order_by("-number")[:2]
    ends = [line.end_file for line in ledger]
    first = ends[1] if len(ends) > 1 else 0
    if not ends or first != ends[0]:
        return None
    # The places are those of the input, in which a .bestprof is none of its own.
    source = paired(scores.sources(batch))[first]
    return batch.files.filter(name=source.name, sha256=source.path.name).first()
