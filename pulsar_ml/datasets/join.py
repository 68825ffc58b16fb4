"""Put rows behind rows."""

from dataclasses import replace
from typing import Any

import numpy as np

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.datasets.observed import Gathered


def join(older: Labelled, newer: Labelled) -> Labelled:
    """Put the newer rows behind the older ones.

    Parameters
    ----------
    older, newer : Labelled
        What one of them has not observed is missing in its rows.

    Returns
    -------
    Labelled
        The rows of both, under the name of the older. Hold-out and sentinels are those
        that each row had.
    """
    columns = Gathered()
    for table in (older, newer):
        columns.add(len(table), dict(table.observed))
    each = ("features", "labels", "hashes", "pointings", "names", "weights")
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(older, name), getattr(newer, name)])
        for name in (*each, "holdout", "sentinel")
    }
    return replace(older, **arrays, observed=columns.whole(), sha256="")
