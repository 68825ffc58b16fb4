"""What a ranking looks like at every threshold, in few enough points to draw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.evaluation.intervals import wilson
from pulsar_ml.metrics import cuts

POINTS = 200
_BINS = 10
_DIGITS = 5

Curve = dict[str, list[float]]


def curves(
    labels: NDArray[np.int8], scores: NDArray[np.floating[Any]]
) -> dict[str, Curve]:
    """Draw the three curves of a test set.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0; both occur.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    dict
        ``roc``, ``precision_recall`` and ``calibration``; see the functions here.
    """
    return {
        "roc": roc(labels, scores),
        "precision_recall": precision_recall(labels, scores),
        "calibration": calibration(labels, scores),
    }


def roc(labels: NDArray[np.int8], scores: NDArray[np.floating[Any]]) -> Curve:
    """Draw recall against the false-positive rate.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0; both occur.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    dict
        ``fpr`` and ``recall``, from (0, 0) to (1, 1), at most 200 points.
    """
    cut = cuts(labels, scores)
    found = np.append(0, cut.found)
    others = np.append(0, cut.called - cut.found)
    recall, fpr = found / found[-1], others / others[-1]
    kept = thin(fpr, recall)
    return {"fpr": _numbers(fpr[kept]), "recall": _numbers(recall[kept])}


def precision_recall(
    labels: NDArray[np.int8], scores: NDArray[np.floating[Any]]
) -> Curve:
    """Draw precision against recall.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0; both occur.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    dict
        ``recall`` and ``precision``, from the highest threshold that calls anything
        to the one that calls everything, at most 200 points.
    """
    cut = cuts(labels, scores)
    recall, precision = cut.found / cut.found[-1], cut.found / cut.called
    kept = thin(recall, precision)
    return {"recall": _numbers(recall[kept]), "precision": _numbers(precision[kept])}


def calibration(labels: NDArray[np.int8], scores: NDArray[np.floating[Any]]) -> Curve:
    """Draw how often what is called so probable is a pulsar.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    dict
        For each tenth of the scale in which scores lie: ``predicted``, their mean;
        ``observed``, the share of pulsars, with ``low`` and ``high`` of Wilson's
        interval; ``rows``.
    """
    tenth = np.minimum((np.asarray(scores, np.float64) * _BINS).astype(int), _BINS - 1)
    curve: Curve = {
        name: [] for name in ("predicted", "observed", "low", "high", "rows")
    }
    for inside in (tenth == place for place in np.unique(tenth)):
        rows = int(np.count_nonzero(inside))
        share = wilson(int(labels[inside].sum()), rows)
        curve["predicted"] += _numbers(
            scores[inside].mean(dtype=np.float64, keepdims=True)
        )
        curve["observed"] += _numbers(np.array([share["value"]]))
        curve["low"] += _numbers(np.array([share["low"]]))
        curve["high"] += _numbers(np.array([share["high"]]))
        curve["rows"].append(rows)
    return curve


def thin(
    x: NDArray[np.float64], y: NDArray[np.float64], points: int = POINTS
) -> NDArray[np.intp]:
    """Choose points that stand for a curve.

    Parameters
    ----------
    x, y : ndarray of shape (n_points,)
        The curve.
    points : int
        How many may be kept.

    Returns
    -------
    ndarray of int
        Places of the points kept, the first and the last among them: all where there
        are few, else evenly along the way that the curve goes in x and in y.
    """
    if len(x) <= points:
        return np.arange(len(x))
    way = np.append(0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    wanted = np.linspace(0, way[-1], points)
    kept = np.unique(np.searchsorted(way, wanted).clip(0, len(x) - 1))
    return np.union1d(kept[:-1], len(x) - 1)


def _numbers(values: NDArray[np.floating[Any]]) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
