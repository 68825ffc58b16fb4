"""A batch's rows as a file that other programs read."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Reject
from pulsar_ml.safe_csv import safe
from showroom import rows
from showroom.models import Batch

_FIRST = ("row", "name", *FEATURES, "probability", "predicted", "warnings")


class _Line:
    """A file for csv.writer that hands each line on."""

    def write(self, line: str) -> str:
        return line


def scores_csv(batch: Batch, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Every wanted row in its order, with the columns that its file had besides."""
    write = csv.writer(_Line()).writerow
    yield write([*_FIRST, "model_version", *map(safe, batch.columns)])
    version = str(batch.version)
    extra = [f"meta_{place}" for place in range(len(batch.columns))]
    for row in rows.every(batch, wanted):
        # The shortest text that is this very float32.
        row["probability"] = str(np.float32(row["probability"]))
        known = [row[column] for column in _FIRST]
        rest = [row.get(column) for column in extra]
        yield write([*map(safe, known), version, *map(safe, rest)])


def rejects_csv(batch: Batch) -> Iterator[str]:
    """What could not be used, and why."""
    write = csv.writer(_Line()).writerow
    yield write(Reject._fields)
    for row in rows.rejects(batch):
        yield write([safe(row[column]) for column in Reject._fields])
