"""Choose the score from which a candidate is called a pulsar."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.metrics import cuts

RECALL = 0.92
RULE = (
    "The highest threshold at which {recall:.0%} of the pulsars are found; for F1, half"
    " the highest F1 that any threshold reaches. Both on out-of-fold scores of the"
    " training rows alone."
)


class Thresholds(NamedTuple):
    """What is shipped is made for finding; F1 is what papers quote."""

    shipped: float
    f1: float


def choose(
    labels: NDArray[np.int8], scores: NDArray[np.floating], recall: float = RECALL
) -> Thresholds:
    """Choose both thresholds.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0; of training rows.
    scores : ndarray of shape (n_rows,)
        Probabilities from models that had not seen the row.
    recall : float
        The share of pulsars to be found at the shipped threshold.

    Returns
    -------
    Thresholds
        With six decimals. The shipped one lies half-way to the next lower score, so
        that the last bits of a score decide nothing. The one for F1 is half the best
        F1, where calibrated scores have their optimum (Lipton et al. 2014, ECML PKDD,
        LNCS 8725, 225); the place of the best F1 itself hangs on a few rows.
    """
    ranked, called, found = cuts(labels, scores)
    pulsars = found[-1]
    f1 = 2 * found / (called + pulsars)
    enough = np.flatnonzero(found >= recall * pulsars)[0]
    below = np.append(ranked[1:], 0.0)[enough]
    return Thresholds(
        shipped=round(float(ranked[enough] + below) / 2, 6),
        f1=round(float(f1.max()) / 2, 6),
    )
