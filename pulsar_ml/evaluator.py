"""How well a model does on rows it has not seen."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import metrics, thresholds
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.metrics import Figures, Interval, at_threshold, confusion, of_ranking
from pulsar_ml.model import Model
from pulsar_ml.splits import Fold
from pulsar_ml.thresholds import Thresholds

FOLDS_INTERVAL = "95 %, Student t over folds, corrected (Nadeau & Bengio 2003)"
GROUPS_INTERVAL = "95 %, bootstrap over pointings, percentiles of 1,000"

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
    recall : float
        The share of pulsars to be found at the shipped threshold.
    seed : int
        Of the bootstrap.
    """

    def __init__(self, *, recall: float = thresholds.RECALL, seed: int = 0) -> None:
        self.recall = recall
        self.seed = seed

    def cross_validate(
        self, new_model: Callable[[], Model], table: Labelled, folds: Iterable[Fold]
    ) -> Report | None:
        """Train and test once a fold, thresholds chosen inside its training rows.

        Parameters
        ----------
        new_model : callable
            Gives a model to be fitted.
        table : Labelled
            Rows that may be trained on.
        folds : iterable of Fold
            Several give an interval by their spread, one by bootstrap.

        Returns
        -------
        dict or None
            As `on_unseen` gives it, means over folds; None where there is no fold.
        """
        folds = list(folds)
        tests = [self._test(new_model(), table, fold) for fold in folds]
        if not tests:
            return None
        if len(tests) == 1:
            return self.on_unseen(tests[0], table.groups[folds[0].test])
        share = float(np.mean([len(f.test) / len(f.train) for f in folds]))

        def over(judge: _Judge) -> dict[str, Interval]:
            return metrics.over_folds([judge(test) for test in tests], share)

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
            and the kind of interval.
        """

        def over(judge: _Judge) -> dict[str, Interval]:
            def judge_rows(rows: NDArray[np.intp]) -> Figures:
                return judge(Scored(test.labels[rows], test.scores[rows], test.at))

            return metrics.over_groups(judge_rows, groups, seed=self.seed)

        return _report([test], over, GROUPS_INTERVAL)

    def _test(self, model: Model, table: Labelled, fold: Fold) -> Scored:
        rows, test = table.take(fold.train), table.take(fold.test)
        model.fit(rows)
        at = thresholds.choose(rows.labels, model.out_of_fold_, self.recall)
        return Scored(test.labels, model.probability(test.features), at)


def _report(tests: Sequence[Scored], over: _Over, interval: str) -> Report:
    return {
        "rows": sum(len(test.labels) for test in tests),
        "pulsars": sum(int(test.labels.sum()) for test in tests),
        "folds": len(tests),
        "interval": interval,
        **_at(tests, over, lambda at: at.shipped),
        **metrics.rounded(over(lambda test: of_ranking(test.labels, test.scores))),
        "at_f1": _at(tests, over, lambda at: at.f1),
    }


def _at(
    tests: Sequence[Scored], over: _Over, which: Callable[[Thresholds], float]
) -> Report:
    def judge(test: Scored) -> Figures:
        threshold = which(test.at)
        figures = at_threshold(test.labels, test.scores, threshold)
        return {"threshold": threshold, **figures}

    counts = [confusion(test.labels, test.scores, which(test.at)) for test in tests]
    return {
        **metrics.rounded(over(judge)),
        "confusion": {name: sum(count[name] for count in counts) for name in counts[0]},
    }
