"""A batch's rows as a file that other programs read."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulsar_ml import parquet, safe_csv
from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Reject
from showroom import rows
from showroom.models import Batch

_FIRST = ("row", "name", *FEATURES, "probability", "predicted", "warnings")
# As text, a score has the fewest digits that give the same float32 again.
_SELECTED = [
    "cast(probability as varchar)" if name == "probability" else name for name in _FIRST
]


def scores_csv(batch: Batch, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Every wanted row in its order, with the columns that its file had besides."""
    yield _lines([[*_FIRST, "model_version", *batch.columns]])
    version = parquet.quoted(str(batch.version))
    columns = [*_SELECTED, version, *rows.metadata_columns(batch)]
    yield from map(_lines, rows.blocks(batch, wanted, columns))


def rejects_csv(batch: Batch) -> Iterator[str]:
    """What could not be used, and why."""
    yield _lines([Reject._fields])
    for reject in rows.rejects(batch):
        yield _lines([[reject[column] for column in Reject._fields]])


def _lines(records: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    safe_csv.write(text, records)
    return text.getvalue()
