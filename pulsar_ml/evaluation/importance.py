"""Which features a version lives by: without each of them, and by exact shares."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.evaluation.intervals import Interval, draws, percentiles, rounded
from pulsar_ml.explain import Model, shapley
from pulsar_ml.features import FEATURES
from pulsar_ml.metrics import Cuts, average_precision

SHUFFLES = 10
# Of the test rows, after each shuffle: in all, percentiles of 1,000.
_DRAWS = 100
# More rows would take minutes and change no digit that matters.
_MOST_ROWS = 20_000
# Of each class; a row takes a tenth of a second.
EXPLAINED = 100


def permutation(
    model: Model, table: Labelled, seed: int = 0, *, shuffles: int = SHUFFLES
) -> list[dict[str, Any]]:
    """Tell how much worse a version ranks when a feature says nothing.

    Parameters
    ----------
    model : Model
        Scores rows.
    table : Labelled
        Rows that it was not trained on; of very many, 20,000 are taken.
    seed : int
        Of the shuffles and the draws.
    shuffles : int
        Of each feature.

    Returns
    -------
    list of dict
        With feature; value, what the average precision loses when the feature's values
        are shuffled among the rows (Breiman 2001, Machine Learning 45, 5), the mean of
        the shuffles; low and high, percentiles over 100 draws of groups after each of
        them. The weightiest first.
    """
    table = _some(table, _MOST_ROWS, seed)
    scores = model.score(table.features)
    before = [
        _rank(table, scores, _times(table, seed + turn)) for turn in range(shuffles)
    ]
    losses = {
        name: _loss(model, table, before, place, seed)
        for place, name in enumerate(FEATURES)
    }
    found = [{"feature": name, **loss} for name, loss in rounded(losses).items()]
    return sorted(found, key=lambda one: -float(one["value"] or 0))


def mean_shapley(
    model: Model, table: Labelled, seed: int = 0, *, most: int = EXPLAINED
) -> list[dict[str, Any]]:
    """Tell how far each feature moves the log-odds of a score.

    Parameters
    ----------
    model : Model
        Scores rows, and knows its background points.
    table : Labelled
        Rows that it was not trained on.
    seed : int
        Of the choice.
    most : int
        So many of each class are taken at most, so that the few pulsars count as much
        as the many others.

    Returns
    -------
    list of dict
        With feature; value, the mean absolute Shapley value (see
        `pulsar_ml.explain.shapley`). The weightiest first.
    """
    rng = np.random.default_rng(seed)
    chosen = np.concatenate(
        [_drawn(rng, np.flatnonzero(table.labels == label), most) for label in (1, 0)]
    )
    moved = [
        np.abs(shapley(model, row).contributions) for row in table.features[chosen]
    ]
    values = np.mean(moved, axis=0) if moved else np.zeros(len(FEATURES))
    found = [
        {"feature": name, "value": round(float(value), 4)}
        for name, value in zip(FEATURES, values, strict=True)
    ]
    return sorted(found, key=lambda one: -float(str(one["value"])))


def _times(table: Labelled, seed: int) -> NDArray[np.int64]:
    """How often each row is taken: once, and then as each draw of groups has it."""
    counts = [
        np.bincount(rows, minlength=len(table))
        for rows in draws(table.groups, _DRAWS, seed)
    ]
    return np.array([np.ones(len(table), dtype=np.int64), *counts])


def _rank(
    table: Labelled, scores: NDArray[Any], times: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Average precision over all rows, and over each draw of groups, sorted once."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.append(np.diff(ranked) < 0, True))
    taken = times[:, order]
    called = np.cumsum(taken, axis=1)[:, last]
    found = np.cumsum(taken * (table.labels[order] == 1), axis=1)[:, last]
    # Where no row of a score was drawn, the draw has no such cut.
    there = np.diff(called, axis=1, prepend=0) > 0
    whole, *drawn = (
        average_precision(Cuts(ranked[last][kept], n[kept], pulsars[kept]))
        for kept, n, pulsars in zip(there, called, found, strict=True)
    )
    return whole, np.array(drawn)


def _loss(
    model: Model,
    table: Labelled,
    before: list[tuple[float, NDArray[np.float64]]],
    place: int,
    seed: int,
) -> Interval:
    rng = np.random.default_rng([seed, place])
    whole, drawn = [], []
    for turn, (ranked, ranked_drawn) in enumerate(before):
        features = table.features.copy()
        features[:, place] = rng.permutation(features[:, place])
        # The same draws as before: what differs is the feature alone.
        times = _times(table, seed + turn)
        now, now_drawn = _rank(table, model.score(features), times)
        whole.append(ranked - now)
        drawn += (ranked_drawn - now_drawn).tolist()
    return percentiles(float(np.mean(whole)), drawn)


def _some(table: Labelled, most: int, seed: int) -> Labelled:
    if len(table) <= most:
        return table
    rng = np.random.default_rng(seed)
    return table.take(np.sort(rng.choice(len(table), most, replace=False)))


def _drawn(
    rng: np.random.Generator, rows: NDArray[np.intp], most: int
) -> NDArray[np.intp]:
    return rng.choice(rows, min(len(rows), most), replace=False)
