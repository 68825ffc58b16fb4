"""An interference mask for folded observations: offered for the plots, nothing else."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.fold import Fold
from pulsar_ml.formats.pfd import Pfd

# Tukey's fences (1977, Exploratory Data Analysis), as wide as clfd has them.
FENCE = 2.0


class Masked(NamedTuple):
    """A candidate without its outlying profiles.

    Attributes
    ----------
    candidate : Pfd
        Its panels leave out what is masked. Its features, and so its score, are those
        of the whole file: they are defined without a mask.
    mask : ndarray of bool, shape (n_parts, n_subbands)
        What was left out.
    """

    candidate: Pfd
    mask: NDArray[np.bool_]


def outliers(fold: Fold, fence: float = FENCE) -> NDArray[np.bool_]:
    """Find profiles that are unlike the others.

    The outlier mask of clfd (Morello et al. 2019, MNRAS 483, 3673, sec. 2.4): three
    numbers describe a profile, its standard deviation, its peak-to-peak difference and
    the modulus of the second bin of its Fourier transform. A profile with any of them
    further than `fence` interquartile ranges outside the quartiles over all profiles is
    an outlier. Unlike there, profiles are first divided by their expected noise, which
    a PFD file has, so that an uneven bandpass is no outlier.

    Parameters
    ----------
    fold : Fold
        The observation.
    fence : float
        The lower, the more is masked.

    Returns
    -------
    ndarray of bool, shape (n_parts, n_subbands)
        True where a profile should not be used. A dead sub-band, whose variance is
        zero, is neither counted nor masked.
    """
    alive = fold.variances > 0
    noise = np.sqrt(np.where(alive, fold.variances, 1))
    profiles = fold.profiles / noise[:, :, np.newaxis]
    described = np.stack(
        [
            profiles.std(axis=2),
            np.ptp(profiles, axis=2),
            np.abs(np.fft.rfft(profiles, axis=2)[:, :, 1]),
        ]
    )
    if not alive.any():
        return np.zeros_like(alive)
    low, high = np.quantile(described[:, alive], [0.25, 0.75], axis=1)
    reach = fence * (high - low)
    below = described < (low - reach)[:, np.newaxis, np.newaxis]
    above = described > (high + reach)[:, np.newaxis, np.newaxis]
    return np.asarray((below | above).any(axis=0) & alive)


def masked(candidate: Pfd, fence: float = FENCE) -> Masked:
    """Leave outlying profiles out of a candidate's plots.

    Parameters
    ----------
    candidate : Pfd
        As it was read.
    fence : float
        See `outliers`.

    Returns
    -------
    Masked
        In its fold a masked profile is constant, at its own mean, and without variance,
        as if its sub-band had been dead for that time.
    """
    fold = candidate.fold
    mask = outliers(fold, fence)
    constant = fold.profiles.mean(axis=2, keepdims=True)
    profiles = np.where(mask[:, :, np.newaxis], constant, fold.profiles)
    variances = np.where(mask, 0, fold.variances)
    cleaned = replace(fold, profiles=profiles, variances=variances)
    return Masked(replace(candidate, fold=cleaned), mask)
