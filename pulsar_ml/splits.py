"""Which rows train and which test, within what may be trained on at all."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# With fewer pointings that have a pulsar, no threshold and no figure means anything.
FEWEST = 20
POLICY = (
    "Hold-out: int(sha256(group)[:8], 16) % 5 == 4, group = UTC text of the pointing,"
    " else the candidate hash; never trained on. Cross-validation within the rest:"
    " stratified, grouped by pointing, and last year against the years before."
)


class Fold(NamedTuple):
    """Row numbers to train on and to test on; no row is in both."""

    train: NDArray[np.intp]
    test: NDArray[np.intp]


def stratified(labels: NDArray[np.int8], folds: int, seed: int) -> Iterator[Fold]:
    """Cut the rows at random, each fold with the same share of pulsars.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    folds : int
        How many.
    seed : int
        Of the random order.

    Yields
    ------
    Fold
        Every row is tested once.
    """
    # Two seconds, and whoever asks whether rows are enough cuts nothing.
    from sklearn.model_selection import StratifiedKFold

    cut = StratifiedKFold(folds, shuffle=True, random_state=seed)
    yield from (Fold(*rows) for rows in cut.split(labels, labels))


def grouped(
    labels: NDArray[np.int8], groups: NDArray[np.str_], folds: int, seed: int
) -> Iterator[Fold]:
    """Cut between groups: what was seen in one pointing is never split.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    groups : ndarray of str, shape (n_rows,)
        The group of each row; see `pulsar_ml.datasets.holdout`.
    folds : int
        How many.
    seed : int
        Of the random order.

    Yields
    ------
    Fold
        Every row is tested once.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    cut = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from (Fold(*rows) for rows in cut.split(labels, labels, groups))


def by_time(labels: NDArray[np.int8], pointings: NDArray[np.str_]) -> Iterator[Fold]:
    """Train on the years before the last one and test on that.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    pointings : ndarray of str, shape (n_rows,)
        UTC text of each row's pointing, empty where it is not known.

    Yields
    ------
    Fold
        One, or none where only one year is known or a side has too few of a class.
    """
    last = of_last_year(pointings)
    before = (pointings != "") & ~last
    if all(enough(labels[side], pointings[side]) for side in (before, last)):
        yield Fold(np.flatnonzero(before), np.flatnonzero(last))


def of_last_year(pointings: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Find the rows of the last year.

    Parameters
    ----------
    pointings : ndarray of str, shape (n_rows,)
        UTC text of each row's pointing, empty where it is not known.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        All false where no year is known.
    """
    years = pointings.astype("U4")
    return np.asarray((years == max(years, default="")) & (years != ""))


def enough(labels: NDArray[np.int8], groups: NDArray[np.str_]) -> bool:
    """Say whether rows are enough to learn from or to judge by.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    groups : ndarray of str, shape (n_rows,)
        The group of each row; see `pulsar_ml.datasets.holdout`.

    Returns
    -------
    bool
        Whether each class occurs in `FEWEST` groups or more, so that folds of groups
        have some of both.
    """
    return all(len(set(groups[labels == label])) >= FEWEST for label in (0, 1))
