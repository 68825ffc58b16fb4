"""Figures of merit at a threshold, of a ranking, and their intervals."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # noqa: TID253  only training imports this module

Figures = dict[str, float]
Interval = dict[str, float]

_LEVEL = 0.95


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
        By name: roc_auc, average_precision, and brier: the mean squared error of the
        probability (Brier 1950, Monthly Weather Review 78, 1). NaN where only one
        class occurs.
    """
    if len(np.unique(labels)) < 2:
        return dict.fromkeys(("roc_auc", "average_precision", "brier"), np.nan)
    cut = cuts(labels, scores)
    pulsars, rows = cut.found[-1], cut.called[-1]
    # From the corner where nothing is called.
    found, others = (np.append(0, n) for n in (cut.found, cut.called - cut.found))
    return {
        "roc_auc": float(np.trapezoid(found, others) / pulsars / (rows - pulsars)),
        "average_precision": float(
            np.sum(np.diff(found) * cut.found / cut.called) / pulsars
        ),
        "brier": float(np.mean((scores - labels) ** 2)),
    }


def over_folds(figures: Sequence[Figures], test_share: float) -> dict[str, Interval]:
    """Give each figure its mean over folds and a 95 % interval.

    Parameters
    ----------
    figures : sequence of dict
        One a fold, all with the same keys.
    test_share : float
        Tested rows by trained rows in one fold, 0.25 for five folds.

    Returns
    -------
    dict
        By figure: value, low, high. Student's t with the variance raised for what
        folds share (Nadeau & Bengio 2003, Machine Learning 52, 239), within 0 to 1.
    """
    folds = len(figures)
    reach = stats.t.ppf(0.5 + _LEVEL / 2, folds - 1)
    intervals = {}
    for name in figures[0]:
        values = np.array([fold[name] for fold in figures])
        half = reach * values.std(ddof=1) * np.sqrt(1 / folds + test_share)
        mean = values.mean()
        intervals[name] = _interval(mean, max(0.0, mean - half), min(1.0, mean + half))
    return intervals


def over_groups(
    judge: Callable[[NDArray[np.intp]], Figures],
    groups: NDArray[np.str_],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Give each figure of one test set a 95 % interval.

    Parameters
    ----------
    judge : callable
        Takes row numbers, which may repeat, and gives figures.
    groups : ndarray of str, shape (n_rows,)
        Rows of one group are drawn together: they are not independent.
    resamples : int
        How many times groups are drawn with replacement.
    seed : int
        Of the draws.

    Returns
    -------
    dict
        By figure: value over all rows; low and high, percentiles of the bootstrap
        (Efron & Tibshirani 1993, An Introduction to the Bootstrap, 13.3).
    """
    rng = np.random.default_rng(seed)
    _, group_of_row = np.unique(groups, return_inverse=True)
    order = np.argsort(group_of_row, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(group_of_row))[:-1])
    drawn = []
    for _ in range(resamples):
        chosen = rng.integers(len(members), size=len(members))
        drawn.append(judge(np.concatenate([members[group] for group in chosen])))
    tail = (1 - _LEVEL) / 2
    intervals = {}
    for name, value in judge(np.arange(len(groups))).items():
        values = [figures[name] for figures in drawn]
        # A draw may hold one class only, and then nothing can be ranked.
        low, high = np.nanquantile(values, [tail, 1 - tail])
        intervals[name] = _interval(value, low, high)
    return intervals


def rounded(intervals: Mapping[str, Interval], digits: int = 4) -> dict[str, Interval]:
    """Round for people.

    Parameters
    ----------
    intervals : mapping
        By figure: value, low, high.
    digits : int
        Decimals kept.

    Returns
    -------
    dict
        The same, shorter.
    """
    return {
        name: {part: round(value, digits) for part, value in interval.items()}
        for name, interval in intervals.items()
    }


def _interval(value: float, low: float, high: float) -> Interval:
    return {"value": float(value), "low": float(low), "high": float(high)}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
