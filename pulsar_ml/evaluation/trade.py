"""What each threshold would give: found and missed pulsars, right and false calls."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.evaluation.curves import thin
from pulsar_ml.metrics import at_threshold, confusion, cuts
from pulsar_ml.thresholds import Thresholds

_FIGURES = ("recall", "precision", "fpr", "f1")
_DIGITS = 4


def trade(
    labels: NDArray[np.int8], scores: NDArray[np.floating[Any]], at: Thresholds
) -> list[dict[str, Any]]:
    """Judge some 200 thresholds.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0; both occur.
    scores : ndarray of shape (n_rows,)
        Probabilities.
    at : Thresholds
        The chosen ones, which are among those judged.

    Returns
    -------
    list of dict
        By rising threshold: threshold, recall, precision, fpr, f1, tp, fp, fn, tn.
    """
    thresholds = sorted({*_between(labels, scores), at.shipped, at.f1})
    return [_judged(labels, scores, threshold) for threshold in thresholds]


def _between(
    labels: NDArray[np.int8], scores: NDArray[np.floating[Any]]
) -> list[float]:
    """Half-way between two scores, so that the last bits of a score decide nothing."""
    cut = cuts(labels, scores)
    kept = thin(cut.found / cut.found[-1], cut.found / cut.called)
    middle = (cut.scores + np.append(cut.scores[1:], 0.0)) / 2
    return [round(float(threshold), 6) for threshold in middle[kept]]


def _judged(
    labels: NDArray[np.int8], scores: NDArray[np.floating[Any]], threshold: float
) -> dict[str, Any]:
    figures = at_threshold(labels, scores, threshold)
    return {
        "threshold": threshold,
        **{name: round(figures[name], _DIGITS) for name in _FIGURES},
        **confusion(labels, scores, threshold),
    }
