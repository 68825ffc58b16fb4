"""The pulsars that a version does not find, each by its name."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled


def missed(
    table: Labelled, scores: NDArray[np.floating[Any]], threshold: float
) -> list[dict[str, Any]]:
    """List every pulsar below the threshold.

    Parameters
    ----------
    table : Labelled
        Rows that the version was not trained on.
    scores : ndarray of shape (n_rows,)
        Probabilities.
    threshold : float
        A row that reaches it is called a pulsar.

    Returns
    -------
    list of dict
        With name, hash, score, and what was observed of it, its pointing too; the
        lowest score first.
    """
    rows = np.flatnonzero((table.labels == 1) & ~(scores >= threshold))
    order = np.lexsort((table.hashes[rows], scores[rows]))
    return [
        {
            "name": str(table.names[row]),
            "hash": str(table.hashes[row]),
            "score": round(float(scores[row]), 6),
            "observed": _observed(table, int(row)),
        }
        for row in rows[order]
    ]


def _observed(table: Labelled, row: int) -> dict[str, Any]:
    pointing = str(table.pointings[row])
    seen = {name: _plain(values[row]) for name, values in table.observed.items()}
    known = {name: value for name, value in seen.items() if value not in (None, "")}
    return {"pointing": pointing, **known} if pointing else known


def _plain(value: object) -> float | int | str | None:
    """Give a number as people write it, None where it is not known; else the text."""
    if not isinstance(value, float | np.floating):
        return str(value)
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else float(f"{value:.6g}")
