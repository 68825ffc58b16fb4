"""Figures of merit at a threshold, and of a ranking."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Figures = dict[str, float]

# What of the pulsars is found when so many of the others may be called pulsars.
OPERATING: Mapping[str, float] = {
    "recall_at_fpr_0_5": 0.005,
    "recall_at_fpr_1": 0.01,
    "recall_at_fpr_5": 0.05,
}


def confusion(
    labels: NDArray[np.int8], scores: NDArray[np.floating], threshold: float
) -> dict[str, int]:
    """Count verdicts against the truth.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    scores : ndarray of shape (n_rows,)
        Probabilities.
    threshold : float
        A row that reaches it is called a pulsar.

    Returns
    -------
    dict
        True and false positives and negatives: tp, fp, fn, tn.
    """
    called, real = scores >= threshold, labels == 1
    return {
        "tp": int(np.count_nonzero(called & real)),
        "fp": int(np.count_nonzero(called & ~real)),
        "fn": int(np.count_nonzero(~called & real)),
        "tn": int(np.count_nonzero(~called & ~real)),
    }


def at_threshold(
    labels: NDArray[np.int8], scores: NDArray[np.floating], threshold: float
) -> Figures:
    """Judge verdicts.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    scores : ndarray of shape (n_rows,)
        Probabilities.
    threshold : float
        A row that reaches it is called a pulsar.

    Returns
    -------
    dict
        By name: recall, precision, f1, specificity, fpr (false-positive rate), g_mean
        (geometric mean of recall and specificity), accuracy. What has nothing to be
        counted over is 0.
    """
    n = confusion(labels, scores, threshold)
    recall = _share(n["tp"], n["tp"] + n["fn"])
    specificity = _share(n["tn"], n["tn"] + n["fp"])
    return {
        "recall": recall,
        "precision": _share(n["tp"], n["tp"] + n["fp"]),
        "f1": _share(2 * n["tp"], 2 * n["tp"] + n["fp"] + n["fn"]),
        "specificity": specificity,
        "fpr": _share(n["fp"], n["fp"] + n["tn"]),
        "g_mean": float(np.sqrt(recall * specificity)),
        "accuracy": _share(n["tp"] + n["tn"], len(labels)),
    }


class Cuts(NamedTuple):
    """Every way to cut a ranking in two, the fewest rows called first.

    Attributes
    ----------
    scores : ndarray of shape (n_cuts,)
        Of the last row called; rows with the same score are called together.
    called, found : ndarray of int, shape (n_cuts,)
        Rows, and pulsars among them.
    """

    scores: NDArray[np.floating]
    called: NDArray[np.intp]
    found: NDArray[np.intp]


def cuts(labels: NDArray[np.int8], scores: NDArray[np.floating]) -> Cuts:
    """Rank rows by score.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    Cuts
        One for each different score.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.append(np.diff(ranked) < 0, True))
    return Cuts(ranked[last], last + 1, np.cumsum(labels[order] == 1)[last])


def of_ranking(labels: NDArray[np.int8], scores: NDArray[np.floating]) -> Figures:
    """Judge scores without a threshold.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    dict
        By name: roc_auc, average_precision; brier, the mean squared error of the
        probability (Brier 1950, Monthly Weather Review 78, 1); and recall_at_fpr_0_5,
        _1 and _5, the highest recall of any threshold at which no more than that many
        per cent of the others are called pulsars. NaN where only one class occurs.
    """
    names = ("roc_auc", "average_precision", "brier", *OPERATING)
    cut = cuts(labels, scores)
    pulsars, rows = cut.found[-1], cut.called[-1]
    if not 0 < pulsars < rows:
        return dict.fromkeys(names, np.nan)
    # From the corner where nothing is called.
    found, others = (np.append(0, n) for n in (cut.found, cut.called - cut.found))
    return {
        "roc_auc": float(np.trapezoid(found, others) / pulsars / (rows - pulsars)),
        "average_precision": average_precision(cut),
        "brier": float(np.mean((scores - labels) ** 2)),
        **{
            name: float(found[others <= share * (rows - pulsars)][-1] / pulsars)
            for name, share in OPERATING.items()
        },
    }


def average_precision(cut: Cuts) -> float:
    """Judge a ranking by one figure, which ignores the many others far below.

    Parameters
    ----------
    cut : Cuts
        What `cuts` gave.

    Returns
    -------
    float
        The mean over the pulsars of the precision where each is found; NaN if there
        are none.
    """
    if not cut.found[-1]:
        return float(np.nan)
    gained = np.diff(cut.found, prepend=0)
    return float(np.sum(gained * cut.found / cut.called) / cut.found[-1])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
