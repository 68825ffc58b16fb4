"""Where the training rows lie in the plane of two features, and never one of them."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (  # noqa: TID253  only training imports this module
    gaussian_filter,
    map_coordinates,
)

from pulsar_ml.features import FEATURES
from pulsar_ml.landscape import GRID, LEVELS
from pulsar_ml.stretch import stretch

# A cell around which fewer rows lie says nothing: it would show a row, or nearly one.
FEWEST_ROWS = 5
SHARES = (0.5, 0.9)
# Width of the smoothing, in cells.
_SIGMA = 1.5
_DIGITS = 4


def densities(
    features: NDArray[np.float64], labels: NDArray[np.int8]
) -> dict[str, Any]:
    """Map both classes over every pair of features.

    Parameters
    ----------
    features : ndarray of shape (n_rows, 8)
        Of the training rows.
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.

    Returns
    -------
    dict
        By the names of two features and by class: ``cells``, 40 lines of 40
        characters, the first feature to the right and the second upwards, both
        stretched (`pulsar_ml.stretch`) from the least to the greatest value: ``0``
        where fewer than five rows lie around, up to ``z``, the densest, growing with
        the root of the density, which a Gaussian of 1.5 cells has smoothed; and
        ``contours``, by share the level, z being 1, at the edge of the smallest
        region that holds this share of the rows (Hyndman 1996, The American
        Statistician 50, 120).
    """
    places = _places(features)
    return {
        f"{FEATURES[x]} {FEATURES[y]}": {
            str(label): _map(places[labels == label][:, [x, y]]) for label in (0, 1)
        }
        for x, y in combinations(range(len(FEATURES)), 2)
    }


def _places(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find where each value lies on its axis, in cells from 0 to 40."""
    stretched = np.column_stack(
        [stretch(name, features[:, place]) for place, name in enumerate(FEATURES)]
    )
    low, high = stretched.min(axis=0), stretched.max(axis=0)
    width = np.where(high > low, high - low, 1)
    return np.asarray(GRID * (stretched - low) / width)


def _map(places: NDArray[np.float64]) -> dict[str, Any]:
    counts, _, _ = np.histogram2d(
        places[:, 1], places[:, 0], bins=GRID, range=[[0, GRID], [0, GRID]]
    )
    # What is smoothed over the edge comes back, so that no row is lost.
    smooth = gaussian_filter(counts, _SIGMA, mode="reflect")
    # So many rows in this very cell would give as much.
    around = smooth * 2 * np.pi * _SIGMA**2
    kept = np.where(around >= FEWEST_ROWS, smooth, 0)
    steps = len(LEVELS) - 1
    levels = np.rint(np.sqrt(kept / (kept.max() or 1)) * steps).astype(int)
    return {
        "contours": _contours(levels / steps, places),
        "cells": ["".join(LEVELS[level] for level in line) for line in levels],
    }


def _contours(
    levels: NDArray[np.float64], places: NDArray[np.float64]
) -> dict[str, float]:
    """Find the level that so many rows reach; none where so many are not shown."""
    reached = map_coordinates(levels, places[:, ::-1].T - 0.5, order=1, mode="nearest")
    edges = {share: np.quantile(reached, 1 - share) for share in SHARES}
    return {
        str(share): float(f"{edge:.{_DIGITS}g}")
        for share, edge in edges.items()
        if edge > 0
    }
