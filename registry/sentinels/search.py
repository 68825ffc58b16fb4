"""Known pulsars of a dataset, found by name or hash."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pulsar_ml import parquet
from pulsar_ml.datasets import store
from pulsar_ml.features import FEATURES
from registry.datasets.disk import temporary
from registry.errors import RegistryError
from registry.models import Dataset, Sentinel
from registry.sentinels.add import Known

MOST = 50
_COLUMNS = ", ".join(("row", "name", "hash", "pointing", "holdout", *FEATURES))


class NoRows(RegistryError):
    """The files of a dataset are not where they should be."""


class Found(NamedTuple):
    """A pulsar of a dataset, on which side it is, and whether it is a sentinel."""

    pulsar: Known
    is_holdout: bool
    is_sentinel: bool


def search(dataset: Dataset, text: str) -> list[Found]:
    """Pulsars whose name has the text, or whose hash begins so; `MOST` and one more."""
    words = text.strip().lower()
    which = "label = 1 and (contains(lower(name), ?) or starts_with(hash, ?))"
    # What nobody trained on comes first: it serves to judge every version.
    rows = _ask(dataset, f"{which} order by holdout desc, row", [words, words])
    known = [_known(dataset, row) for row in rows]
    present = set(
        Sentinel.objects.filter(
            hash__in=[pulsar.hash for pulsar in known], removed_at=None
        ).values_list("hash", flat=True)
    )
    return [
        Found(pulsar, row[4], pulsar.hash in present)
        for pulsar, row in zip(known, rows, strict=True)
    ]


def chosen(dataset: Dataset, hashes: Sequence[str]) -> list[Known]:
    """The pulsars of a dataset that have these hashes, each once."""
    marks = ", ".join("?" * len(hashes)) or "null"
    which = f"label = 1 and hash in ({marks}) order by row"
    rows = _ask(dataset, which, hashes)
    return list({row[2]: _known(dataset, row) for row in rows}.values())


def _ask(dataset: Dataset, which: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
    path = dataset.folder / store.ROWS
    if not path.is_file():
        raise NoRows(f"The rows of {dataset} are not where they were stored.")
    with parquet.connection(temporary(), folders=[path.parent]) as opened:
        query = f"select {_COLUMNS} from {parquet.scan([path])} where {which}"  # noqa: S608
        return opened.execute(f"{query} limit {MOST + 1}", list(values)).fetchall()


def _known(dataset: Dataset, row: tuple[Any, ...]) -> Known:
    place, name, digest, pointing, _, *features = row
    origin = f"{dataset}, row {place}"
    return Known(name or origin, digest, features, pointing or "", origin)
