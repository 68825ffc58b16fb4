"""On which side of the hold-out candidates have been before: there they stay."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import artefact, parquet, serving
from pulsar_ml.datasets.store import ROWS
from registry.datasets.disk import temporary
from registry.errors import CannotBuild
from registry.models import Dataset


def earlier() -> list[Dataset]:
    """Every dataset there is, in the order of their numbers."""
    return list(Dataset.objects.order_by("number").only("number", "sha256"))


def sides(hashes: NDArray[np.str_], datasets: Sequence[Dataset]) -> dict[str, bool]:
    """Whether those candidates that were known before belong to the hold-out.

    The shipped versions' lists overrule all others; in doubt a row is held out.
    """
    shipped = _shipped()
    found = _stored(hashes, datasets) if datasets else {}
    return found | {h: shipped[h] for h in set(hashes.tolist()) & shipped.keys()}


def _stored(hashes: NDArray[np.str_], datasets: Sequence[Dataset]) -> dict[str, bool]:
    import pandas as pd  # slow, and no page needs it

    files = [_whole(dataset) for dataset in datasets]
    asked = pd.DataFrame({"hash": hashes.astype(object)}).astype("str")
    folders = [path.parent for path in files]
    with parquet.connection(temporary(), folders=folders) as opened:
        opened.from_df(asked).create_view("asked")
        found = opened.execute(
            "select hash, bool_or(holdout) "  # noqa: S608  # all quoted
            f"from {parquet.scan(files)} "
            "where hash in (select hash from asked) group by hash"
        )
        return dict(found.fetchall())


def _whole(dataset: Dataset) -> Path:
    """Its rows, if they are what was stored: from others nobody knows the sides."""
    path = dataset.folder / ROWS
    if path.is_file() and parquet.digest(path) == dataset.sha256:
        return path
    raise CannotBuild(
        f"The rows of {dataset} are not there as they were stored, so that nobody can "
        f"tell which candidates are held out. Bring {path} back from the last copy of "
        "the site's storage."
    )


@lru_cache(maxsize=1)
def _shipped() -> dict[str, bool]:
    artefacts = [artefact.read(folder)[0] for folder in serving.shipped()]
    known: dict[str, bool] = {}
    for name, side in ((artefact.TRAINING, False), (artefact.HOLDOUT, True)):
        for files in artefacts:
            known |= dict.fromkeys(artefact.hashes(files[name]), side)
    return known
