"""What a model is right about, told from a few rows that chance has picked.

What people correct by themselves they have found where they looked: among the high
scores, and where something was odd. A figure made of that flatters. Here chance decides
who is looked at, by strata of the score, and each looked-at row counts for those of its
stratum that were not.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Five strata: far below the threshold, below it, near it, above it, near one.
N_STRATA = 5
_PARTS_OF_THRESHOLD = (0.0, 0.05, 0.3, 1.0)
_ABOVE = np.array([False, False, False, True, True])
# Half of the sample is shared alike, so that no stratum is left unseen; the other half
# by what a stratum adds to the variance (Neyman 1934, J. R. Stat. Soc. 97, 558).
_ALIKE = 0.5
# Where all scores are 0 or 1 their spread says nothing of the model's mistakes.
_LEAST_SPREAD = 0.01
# Of the Beta prior of a stratum's share: its median is that of the data (Kerman 2011,
# Electron. J. Statist. 5, 1450). With 1/2 the intervals missed one month in six.
_PRIOR = 1 / 3
# The mean of that prior is all that is known of a stratum of which nobody saw a row.
_UNSEEN = 0.5
_DRAWS = 4000
_LEVEL = 0.95
_SIXTEEN_DIGITS = 16
# With fewer nobody should say anything.
ENOUGH = 30
ENOUGH_OF_STRATUM = 3
# So small a part of all rows moves the hit rate by no more, and so small a part of
# those from the threshold on the precision.
_SMALL_STRATUM = 0.01


class Estimate(NamedTuple):
    """A share between 0 and 1, with its 95 % interval."""

    value: float
    low: float
    high: float


class Audited(NamedTuple):
    """What was estimated from so many rows."""

    n: int
    hit_rate: Estimate
    precision: Estimate
    # Unknown where no judged row is a pulsar.
    recall: Estimate | None


def strata(scores: NDArray[np.floating], threshold: float) -> NDArray[np.intp]:
    """Sort rows by their score.

    Parameters
    ----------
    scores : ndarray of float, shape (n_rows,)
        Probabilities.
    threshold : float
        A row whose probability reaches it is called a pulsar.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        The stratum of each row: 0 to 2 below the threshold, 3 and 4 from it on.
    """
    edges = [part * threshold for part in _PARTS_OF_THRESHOLD]
    edges.append(threshold + (1 - threshold) / 2)
    found = np.searchsorted(edges, scores, side="right") - 1
    return np.clip(found, 0, N_STRATA - 1)


def chances(
    of_stratum: NDArray[np.intp], scores: NDArray[np.floating], share: float
) -> NDArray[np.float64]:
    """Say how probable it is to be looked at, by stratum.

    Parameters
    ----------
    of_stratum : ndarray of int, shape (n_rows,)
        From `strata`.
    scores : ndarray of float, shape (n_rows,)
        Probabilities of the same rows.
    share : float
        Of all rows that are to be looked at on average.

    Returns
    -------
    ndarray of float, shape (5,)
        Between 0 and 1; 0 for a stratum without rows.
    """
    rows = np.bincount(of_stratum, minlength=N_STRATA)
    total = np.bincount(of_stratum, weights=scores, minlength=N_STRATA)
    return chances_of(rows, total.astype(np.float64), share)


def chances_of(
    rows: NDArray[np.integer], total: NDArray[np.floating], share: float
) -> NDArray[np.float64]:
    """Say the same of rows that were counted already, as one does with very many.

    Parameters
    ----------
    rows : ndarray of int, shape (5,)
        How many rows there are, by stratum.
    total : ndarray of float, shape (5,)
        The sum of their probabilities.
    share : float
        Of all rows that are to be looked at on average.

    Returns
    -------
    ndarray of float, shape (5,)
        Between 0 and 1; 0 for a stratum without rows.
    """
    there = rows > 0
    mean = np.divide(total, rows, out=np.zeros(N_STRATA), where=there)
    spread = rows * np.maximum(np.sqrt(mean * (1 - mean)), _LEAST_SPREAD)
    alike = there / max(there.sum(), 1)
    wanted = _ALIKE * alike + (1 - _ALIKE) * spread / max(spread.sum(), 1e-12)
    looked_at = share * rows.sum() * wanted
    chance = np.divide(looked_at, rows, out=np.zeros(N_STRATA), where=there)
    limited: NDArray[np.float64] = np.clip(chance, 0.0, 1.0)
    return limited


def lots(names: Sequence[str]) -> NDArray[np.float64]:
    """Draw for each row a number that is always the same for it.

    Parameters
    ----------
    names : sequence of str
        Prediction ids.

    Returns
    -------
    ndarray of float, shape (n_rows,)
        Uniform in [0, 1). A row is looked at whose number is below its chance.
    """
    digits = (sha256(f"audit:{name}".encode()).hexdigest() for name in names)
    first = [int(text[:_SIXTEEN_DIGITS], 16) for text in digits]
    return np.array(first, dtype=np.float64) / 16.0**_SIXTEEN_DIGITS


def needed(rows: NDArray[np.integer]) -> NDArray[np.integer]:
    """Tell how many rows of each stratum must be judged before there are figures.

    Parameters
    ----------
    rows : ndarray of int, shape (5,)
        How many rows were served, by stratum.

    Returns
    -------
    ndarray of int, shape (5,)
        `ENOUGH_OF_STRATUM`, or all where there are fewer. None of a stratum that holds
        no more than one row in a hundred; of one above the threshold, no more than one
        in a hundred of the rows there, for the precision is made of these alone.
    """
    beside = np.where(_ABOVE, rows[_ABOVE].sum(), rows.sum())
    counts = rows > _SMALL_STRATUM * beside
    least: NDArray[np.integer] = counts * np.minimum(rows, ENOUGH_OF_STRATUM)
    return least


def audited(
    rows: NDArray[np.integer],
    of_stratum: NDArray[np.intp],
    labels: NDArray[np.integer],
    chance: NDArray[np.floating],
    *,
    seed: int = 0,
) -> Audited | None:
    """Estimate what a model was right about.

    Parameters
    ----------
    rows : ndarray of int, shape (5,)
        How many rows were served, by stratum.
    of_stratum : ndarray of int, shape (n_judged,)
        Of each row that was drawn and judged.
    labels : ndarray of int, shape (n_judged,)
        What people said: 1 for a pulsar.
    chance : ndarray of float, shape (n_judged,)
        With which each was drawn.
    seed : int
        Of the draws behind the intervals.

    Returns
    -------
    Audited or None
        None where there are too few: less than `ENOUGH` rows, or less of a stratum
        than `needed`. If no pulsar is among them, its recall is None.

    Notes
    -----
    The share of pulsars of each stratum has a Beta posterior over the judged rows,
    weighted by the inverse of their chance and counted as many as they are worth (Kish
    1965, Survey Sampling, 11.7); the rows that nobody looked at are drawn from it, and
    the figures are made of judged and drawn rows together.
    """
    n = np.bincount(of_stratum, minlength=N_STRATA)
    if n.sum() < ENOUGH or (n < needed(rows)).any():
        return None
    weights = 1.0 / chance
    total = np.bincount(of_stratum, weights=weights, minlength=N_STRATA)
    squares = np.bincount(of_stratum, weights=weights**2, minlength=N_STRATA)
    pulsars = np.bincount(of_stratum, weights=weights * labels, minlength=N_STRATA)
    share = np.divide(pulsars, total, out=np.full(N_STRATA, _UNSEEN), where=n > 0)
    worth = np.divide(total**2, squares, out=np.zeros(N_STRATA), where=n > 0)
    rng = np.random.default_rng(seed)
    found = worth * share + _PRIOR, worth * (1 - share) + _PRIOR
    drawn = rng.beta(*found, size=(_DRAWS, N_STRATA))
    unseen = np.maximum(rows - n, 0)
    judged = np.bincount(of_stratum, weights=labels, minlength=N_STRATA)
    there = judged + rng.binomial(unseen, drawn)
    values = _figures(rows, rows * share)
    ends = np.quantile(
        _figures(rows, there), [0.5 - _LEVEL / 2, 0.5 + _LEVEL / 2], axis=0
    )
    hit_rate, precision, recall = (
        Estimate(float(value), float(min(low, value)), float(max(high, value)))
        for value, low, high in zip(values, *ends, strict=True)
    )
    return Audited(int(n.sum()), hit_rate, precision, recall if labels.any() else None)


def _figures(
    rows: NDArray[np.integer], pulsars: NDArray[np.number]
) -> NDArray[np.float64]:
    """Hit rate, precision and recall, where each stratum has so many pulsars."""
    called = rows[_ABOVE].sum()
    hits, whole = pulsars[..., _ABOVE].sum(axis=-1), pulsars.sum(axis=-1)
    rest = (rows - pulsars)[..., ~_ABOVE].sum(axis=-1)
    return np.stack(
        [
            (hits + rest) / rows.sum(),
            # Who calls nothing a pulsar is wrong about none.
            hits / called if called else np.ones_like(hits),
            np.divide(hits, whole, out=np.zeros(whole.shape), where=whole > 0),
        ],
        axis=-1,
    )
