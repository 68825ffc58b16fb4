"""How well a model does on rows it has not seen."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.evaluation.intervals import (
    Interval,
    over_folds,
    over_groups,
    rounded,
    wilson,
)
from pulsar_ml.metrics import Figures, at_threshold, confusion, of_ranking
from pulsar_ml.thresholds import Thresholds

FOLDS_INTERVAL = "95 %, Student t over folds, corrected (Nadeau & Bengio 2003)"
GROUPS_INTERVAL = "95 %, bootstrap over pointings, percentiles of 1,000"
_AT_F1 = "at_f1 "

Report = dict[str, Any]


class Scored(NamedTuple):
    """Rows a model had not seen, what it said of them, thresholds chosen elsewhere."""

    labels: NDArray[np.int8]
    scores: NDArray[np.floating]
    at: Thresholds


_Judge = Callable[[Scored], Figures]
_Over = Callable[[_Judge], dict[str, Interval]]


class Evaluator:
    """Judges models, each at the shipped and at the F1 threshold.

    Parameters
    ----------
    seed : int
        Of the bootstrap.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def on_folds(self, tests: Sequence[Scored], test_share: float) -> Report:
        """Judge what models of several folds said of rows they had not seen.

        Parameters
        ----------
        tests : sequence of Scored
            One a fold, each with the thresholds chosen inside its training rows.
        test_share : float
            Tested rows by trained rows in one fold.

        Returns
        -------
        dict
            As `on_unseen` gives it, means over folds.
        """

        def over(judge: _Judge) -> dict[str, Interval]:
            return over_folds([judge(test) for test in tests], test_share)

        return _report(tests, over, FOLDS_INTERVAL)

    def on_unseen(self, test: Scored, groups: NDArray[np.str_]) -> Report:
        """Judge scores of rows that the model was not trained on.

        Parameters
        ----------
        test : Scored
            Labels, scores and thresholds.
        groups : ndarray of str, shape (n_rows,)
            The pointing of each row, else its hash.

        Returns
        -------
        dict
            Each figure with value, low and high, and the confusion, at the shipped
            threshold; under ``at_f1`` those at the F1 threshold; rows, pulsars, folds
            and the kind of interval. Where all or none of what is counted is so in
            every draw, the interval is Wilson's over groups: 20 pulsars of 20 found
            are no proof that none is ever missed.
        """

        def over(judge: _Judge) -> dict[str, Interval]:
            def judge_rows(rows: NDArray[np.intp]) -> Figures:
                return judge(Scored(test.labels[rows], test.scores[rows], test.at))

            found = over_groups(judge_rows, groups, seed=self.seed)
            return {**found, **_all_or_none(found, test, groups)}

        return _report([test], over, GROUPS_INTERVAL)


def _report(tests: Sequence[Scored], over: _Over, interval: str) -> Report:
    figures = rounded(over(_figures))
    return {
        "rows": sum(len(test.labels) for test in tests),
        "pulsars": sum(int(test.labels.sum()) for test in tests),
        "folds": len(tests),
        "interval": interval,
        **{name: figures[name] for name in figures if not name.startswith(_AT_F1)},
        "confusion": _counts(tests, lambda at: at.shipped),
        "at_f1": {
            **{
                name.removeprefix(_AT_F1): figures[name]
                for name in figures
                if name.startswith(_AT_F1)
            },
            "confusion": _counts(tests, lambda at: at.f1),
        },
    }


def _figures(test: Scored) -> Figures:
    """All at once: the bootstrap draws rows once for all of them."""
    at_f1 = _at(test, test.at.f1)
    return {
        **_at(test, test.at.shipped),
        **of_ranking(test.labels, test.scores),
        **{_AT_F1 + name: value for name, value in at_f1.items()},
    }


def _at(test: Scored, threshold: float) -> Figures:
    figures = at_threshold(test.labels, test.scores, threshold)
    return {"threshold": threshold, **figures}


def _all_or_none(
    found: dict[str, Interval], test: Scored, groups: NDArray[np.str_]
) -> dict[str, Interval]:
    """Give shares that no draw moves from 0 or 1 the interval of that many groups."""
    wider = {}
    for prefix, threshold in (("", test.at.shipped), (_AT_F1, test.at.f1)):
        for name, of in _shares(test, threshold).items():
            share, n = found[prefix + name], len(set(groups[of]))
            if n and share["low"] == share["high"] and share["value"] in {0, 1}:
                wider[prefix + name] = wilson(int(share["value"]) * n, n)
    return wider


def _shares(test: Scored, threshold: float) -> dict[str, NDArray[np.bool_]]:
    """Tell the rows that each share is one of."""
    pulsars = test.labels == 1
    return {
        "recall": pulsars,
        "precision": test.scores >= threshold,
        "specificity": ~pulsars,
        "fpr": ~pulsars,
        "accuracy": np.ones(len(pulsars), dtype=np.bool_),
    }


def _counts(
    tests: Sequence[Scored], which: Callable[[Thresholds], float]
) -> dict[str, int]:
    counts = [confusion(test.labels, test.scores, which(test.at)) for test in tests]
    return {name: sum(count[name] for count in counts) for name in counts[0]}
