"""A few rows that stand for many: enough of everything for a rehearsal."""

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import splits
from pulsar_ml.datasets.labelled import Labelled

# Rows that train stand in four strata, by class and by year; those that do not in two.
_SHARE = np.array([3, 2])


def sample(table: Labelled, n: int, seed: int) -> Labelled:
    """Draw rows from every stratum: class, side of the hold-out, and year.

    Parameters
    ----------
    table : Labelled
        Hold-out and sentinels are marked.
    n : int
        How many rows at most. With 200 each stratum has 20 groups or more, where the
        table has them.
    seed : int
        Of the draw.

    Returns
    -------
    Labelled
        In the order of the table; from each group a first row before any second.
    """
    aside = table.holdout | table.sentinel
    later = splits.of_last_year(table.pointings) & ~aside
    stratum = table.labels + 2 * later + 4 * table.holdout + 8 * table.sentinel
    _, group = np.unique(table.groups, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(group.max() + 1)[group]
    in_group = _rank_within(stratum * (group.max() + 1) + group, np.arange(len(table)))
    rank = _rank_within(stratum, np.lexsort((shuffled, in_group)))
    turn = rank / _SHARE[aside.astype(int)]
    chosen = np.lexsort((stratum, turn))[:n]
    return table.take(np.sort(chosen))


def _rank_within(
    part: NDArray[np.integer], order: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Count the rows of the same part that come before, in the given order."""
    by_part = order[np.argsort(part[order], kind="stable")]
    first = np.flatnonzero(np.diff(part[by_part], prepend=-1))
    sizes = np.diff(np.append(first, len(part)))
    rank = np.empty(len(part), dtype=np.intp)
    rank[by_part] = np.arange(len(part)) - np.repeat(first, sizes)
    return rank
