"""What a version remembers of its training rows: summaries, and never a row."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pulsar_ml.density import FEWEST_ROWS, densities
from pulsar_ml.features import FEATURES

BACKGROUND_POINTS = 100
_BINS = 40
_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_DIGITS = 6


def summarise(
    features: NDArray[np.float64], labels: NDArray[np.int8], seed: int = 0
) -> dict[str, Any]:
    """Describe training rows so that others can be compared with them.

    Parameters
    ----------
    features : ndarray of shape (n_rows, 8)
        Of the training rows, at least 100 of them different.
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    seed : int
        Of the clustering.

    Returns
    -------
    dict
        ``ranges``, by feature the least and the greatest value; ``box``, by feature
        the 1 % and 99 % quantiles; ``classes``, by class and feature a histogram
        within the box (with what lies below and above) and quantiles; ``densities``,
        maps of both classes over each pair of features; ``background``, 100 centres of
        clusters with the share of rows that each stands for.
    """
    low, high = np.quantile(features, [0.01, 0.99], axis=0)
    classes = {
        str(label): {
            name: _distribution(features[labels == label, i], low[i], high[i])
            for i, name in enumerate(FEATURES)
        }
        for label in (0, 1)
    }
    return {
        "ranges": _pairs(features.min(axis=0), features.max(axis=0)),
        "box": _pairs(low, high),
        "classes": classes,
        "densities": densities(features, labels),
        "background": background(features, seed),
    }


def background(features: NDArray[np.float64], seed: int = 0) -> dict[str, Any]:
    """Let 100 points stand for all rows.

    Parameters
    ----------
    features : ndarray of shape (n_rows, 8)
        Of the training rows.
    seed : int
        Of the clustering.

    Returns
    -------
    dict
        ``points``, 100 means of at least five rows each, and their ``weights``, which
        sum to 1. K-means on standardised features; a cluster of fewer than five rows
        is given the mean of the five rows nearest to its centre.
    """
    # Seconds, and what is remembered is mostly read, not made.
    from scipy.spatial import KDTree
    from sklearn.cluster import KMeans

    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    # The order of additions depends on the number of threads.
    with threadpool_limits(limits=1):
        clusters = KMeans(BACKGROUND_POINTS, n_init=1, random_state=seed).fit(scaled)
    sizes = np.bincount(clusters.labels_, minlength=BACKGROUND_POINTS)
    _, nearest = KDTree(scaled).query(clusters.cluster_centers_, k=FEWEST_ROWS)
    points = [
        features[clusters.labels_ == i if sizes[i] >= FEWEST_ROWS else nearest[i]].mean(
            axis=0
        )
        for i in range(BACKGROUND_POINTS)
    ]
    return {
        "points": [_numbers(point) for point in points],
        "weights": _numbers(sizes / sizes.sum()),
    }


def _distribution(
    values: NDArray[np.float64], low: float, high: float
) -> dict[str, Any]:
    counts, edges = np.histogram(values, bins=_BINS, range=(low, high))
    return {
        "edges": _numbers(edges),
        "counts": counts.tolist(),
        "below": int(np.count_nonzero(values < low)),
        "above": int(np.count_nonzero(values > high)),
        "quantiles": dict(
            zip(
                map(str, _QUANTILES),
                _numbers(np.quantile(values, _QUANTILES)),
                strict=True,
            )
        ),
    }


def _pairs(
    low: NDArray[np.float64], high: NDArray[np.float64]
) -> dict[str, list[float]]:
    return {
        name: _numbers(pair)
        for name, pair in zip(FEATURES, np.column_stack([low, high]), strict=True)
    }


def _numbers(values: NDArray[np.floating]) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]
