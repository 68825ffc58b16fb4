"""How sure a figure is: 95 % intervals over folds, over groups, of a share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Figures = dict[str, float]
Interval = dict[str, float]
Rounded = dict[str, float | None]

_LEVEL = 0.95


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
    # Slow, and pages that show intervals need none of it; scipy.stats is slower still.
    from scipy import special

    folds = len(figures)
    reach = special.stdtrit(folds - 1, 0.5 + _LEVEL / 2)
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
    drawn = [judge(rows) for rows in draws(groups, resamples, seed)]
    return {
        name: percentiles(value, [figures[name] for figures in drawn])
        for name, value in judge(np.arange(len(groups))).items()
    }


def draws(
    groups: NDArray[np.str_], times: int, seed: int
) -> Iterator[NDArray[np.intp]]:
    """Draw as many groups as there are, with replacement, again and again.

    Parameters
    ----------
    groups : ndarray of str, shape (n_rows,)
        The group of each row.
    times : int
        How many draws.
    seed : int
        Of the draws.

    Yields
    ------
    ndarray of int
        Rows of the groups drawn.
    """
    rng = np.random.default_rng(seed)
    _, group_of_row = np.unique(groups, return_inverse=True)
    order = np.argsort(group_of_row, kind="stable")
    sizes = np.bincount(group_of_row)
    first = np.cumsum(sizes) - sizes
    for _ in range(times):
        chosen = rng.integers(len(sizes), size=len(sizes))
        drawn = sizes[chosen]
        # Where a group begins in `order`, less where its rows begin in the draw.
        shift = first[chosen] - (np.cumsum(drawn) - drawn)
        yield order[np.repeat(shift, drawn) + np.arange(drawn.sum())]


def percentiles(value: float, drawn: Sequence[float]) -> Interval:
    """Give a figure the 95 % interval that resampling found.

    Parameters
    ----------
    value : float
        Over all rows; NaN where it cannot be told.
    drawn : sequence of float
        The same of each draw.

    Returns
    -------
    dict
        With value, low, high; all NaN if the value is.
    """
    if np.isnan(value):
        return _interval(value, value, value)
    tail = (1 - _LEVEL) / 2
    # A draw may hold one class only, and then nothing can be ranked.
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return _interval(value, low, high)


def wilson(hits: int, rows: int) -> Interval:
    """Give a share a 95 % interval.

    Parameters
    ----------
    hits, rows : int
        How many of how many; at least one row.

    Returns
    -------
    dict
        With value, low, high: the score interval (Wilson 1927, JASA 22, 209), which
        is honest for few rows and for shares near 0 and 1.
    """
    z = NormalDist().inv_cdf(0.5 + _LEVEL / 2)
    share, spread = hits / rows, z * z / rows
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * np.sqrt(share * (1 - share) / rows + spread / rows / 4)
    # At 0 and at 1 an end is the value itself, but for the last bit of a sum.
    low, high = min(share, middle - half), max(share, middle + half)
    return _interval(share, max(0.0, low), min(1.0, high))


def rounded(intervals: Mapping[str, Interval], digits: int = 4) -> dict[str, Rounded]:
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
        The same, shorter; None for what cannot be told.
    """
    return {
        name: {
            part: None if np.isnan(value) else round(value, digits)
            for part, value in interval.items()
        }
        for name, interval in intervals.items()
    }


def _interval(value: float, low: float, high: float) -> Interval:
    return {"value": float(value), "low": float(low), "high": float(high)}
