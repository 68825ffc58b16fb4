"""Scores of rows by models that had not seen them, under every policy."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import thresholds
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.model import Model
from pulsar_ml.splits import Fold

Columns = dict[str, NDArray[Any]]


def tested(
    new_model: Callable[[], Model],
    table: Labelled,
    by_policy: Mapping[str, Sequence[Fold]],
    recall: float,
    begin: Callable[[str], object],
) -> Columns:
    """Train and test once a fold, thresholds chosen inside its training rows.

    Parameters
    ----------
    new_model : callable
        Gives a model to be fitted.
    table : Labelled
        Rows that may be trained on.
    by_policy : mapping of str to sequence of Fold
        How they are cut.
    recall : float
        The share of pulsars to be found at the shipped threshold.
    begin : callable
        Is told before each fit what it is.

    Returns
    -------
    dict of str to ndarray
        By tested row: policy, fold, row (its place in `table`), score, raw (the same
        before it is calibrated), threshold and threshold_f1.
    """
    parts = [
        _tested(new_model(), table, policy, number, cut, recall, begin)
        for policy, cuts in by_policy.items()
        for number, cut in enumerate(cuts)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _tested(
    model: Model,
    table: Labelled,
    policy: str,
    number: int,
    cut: Fold,
    recall: float,
    begin: Callable[[str], object],
) -> Columns:
    begin(f"{model.algorithm}: cross-validating, {policy}")
    rows, n = table.take(cut.train), len(cut.test)
    model.fit(rows)
    at = thresholds.choose(rows.labels, model.out_of_fold_, recall)
    return {
        "policy": np.full(n, policy),
        "fold": np.full(n, number, dtype=np.int16),
        "row": cut.test.astype(np.int64),
        "score": model.probability(table.features[cut.test]),
        "raw": model.raw(table.features[cut.test]),
        "threshold": np.full(n, at.shipped),
        "threshold_f1": np.full(n, at.f1),
    }
