"""Rows that two versions call differently."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled

# More nobody looks through.
MOST = 200
_Scores = NDArray[np.floating[Any]]


def disagree(
    table: Labelled,
    places: NDArray[np.intp],
    candidate: tuple[_Scores, float],
    champion: tuple[_Scores, float],
    *,
    most: int = MOST,
) -> dict[str, Any]:
    """List the rows whose predicted class differs.

    Parameters
    ----------
    table : Labelled
        Any rows.
    places : ndarray of int, shape (n_rows,)
        The number of each row in its dataset, from 1.
    candidate, champion : tuple of ndarray and float
        Of each version its scores and its own threshold.
    most : int
        So many are listed.

    Returns
    -------
    dict
        With rows, how many were looked at; count, how many are called differently;
        pulsars, how many of these are pulsars; and listed, of each its row, name,
        hash, label and both scores, those that differ most first.
    """
    ours, theirs = candidate[0], champion[0]
    differs = (ours >= candidate[1]) != (theirs >= champion[1])
    rows = np.flatnonzero(differs)
    apart = np.abs(ours[rows].astype(np.float64) - theirs[rows])
    return {
        "rows": len(table),
        "count": len(rows),
        "pulsars": int(table.labels[rows].sum()),
        "listed": [
            {
                "row": int(places[row]),
                "name": str(table.names[row]),
                "hash": str(table.hashes[row]),
                "label": int(table.labels[row]),
                "candidate": round(float(ours[row]), 6),
                "champion": round(float(theirs[row]), 6),
            }
            for row in rows[np.argsort(-apart, kind="stable")][:most]
        ],
    }
