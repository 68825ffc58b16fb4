"""Folded profiles of PRESTO: de-dispersion, rotation, chi-square.

The features follow PulsarFeatureLab (Lyon et al. 2016, MNRAS 459, 1104), which shifts
the sub-bands at the catalogued frequencies and nothing else. The plots follow PRESTO's
prepfold (Ransom 2001, PhD thesis, Harvard), which also removes the drift in period, the
Doppler shift of the frequencies and the correlation between neighbouring bins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput

# Dispersion constant as PRESTO rounds it, s MHz^2 pc^-1 cm^3.
DISPERSION = 1 / 0.000241
N_TRIALS = 100

_Floats = NDArray[np.float64]
_Shifts = NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """What the science of a folded observation needs.

    Attributes
    ----------
    profiles : ndarray of shape (n_parts, n_subbands, n_bins)
        Intensities, with no delay removed between the sub-bands.
    variances : ndarray of shape (n_parts, n_subbands)
        Of a bin of each profile, without a signal.
    frequencies_mhz : ndarray of shape (n_subbands,)
        Of the top channel of each sub-band, ascending.
    times_s : ndarray of shape (n_parts,)
        Start of each part.
    frequency_hz, drift_hz_s : float
        Rotation frequency of the fold and its derivative.
    sample_s : float
        Length of a sample of the observation.
    """

    profiles: _Floats
    variances: _Floats
    frequencies_mhz: _Floats
    times_s: _Floats
    frequency_hz: float
    drift_hz_s: float
    sample_s: float


def shifts(fold: Fold, dm: float, doppler: float = 0) -> _Shifts:
    """Compute by how many bins each sub-band lags behind the highest.

    Parameters
    ----------
    fold : Fold
        The observation.
    dm : float
        Dispersion measure in pc cm^-3.
    doppler : float
        Mean velocity of the telescope towards the source over that of light.

    Returns
    -------
    ndarray of int, shape (n_subbands,)
        Rounded half up.

    Raises
    ------
    BadInput
        A delay is no number of bins that can be counted.
    """
    if len(fold.frequencies_mhz) == 1:
        return np.zeros(1, dtype=np.int64)
    delays = DISPERSION * dm / (fold.frequencies_mhz * (1 + doppler)) ** 2
    turns = (delays - delays[-1]) * fold.frequency_hz
    return _whole(turns * fold.profiles.shape[2])


def rotated(profiles: _Floats, left: _Shifts) -> _Floats:
    """Rotate profiles to the left.

    Parameters
    ----------
    profiles : ndarray of shape (..., n, n_bins)
        The profiles.
    left : ndarray of int, shape (n,)
        By how many bins; negative to the right.

    Returns
    -------
    ndarray of shape (..., n, n_bins)
        A copy.
    """
    n_bins = profiles.shape[-1]
    places = (np.arange(n_bins) + left[:, None]) % n_bins
    return profiles[..., np.arange(len(left))[:, None], places]


def summed(fold: Fold, dm: float) -> _Floats:
    """Add all profiles after de-dispersion.

    Parameters
    ----------
    fold : Fold
        The observation.
    dm : float
        Dispersion measure in pc cm^-3.

    Returns
    -------
    ndarray of shape (n_bins,)
        The profile.
    """
    return np.asarray(rotated(fold.profiles.sum(axis=0), shifts(fold, dm)).sum(axis=0))


def feature_profile(fold: Fold, dm: float) -> _Floats:
    """Scale the summed profile to 0-255, as PulsarFeatureLab does.

    Parameters
    ----------
    fold : Fold
        The observation.
    dm : float
        The best dispersion measure in pc cm^-3.

    Returns
    -------
    ndarray of shape (n_bins,)
        What the profile features are of; all zeros if the profile is constant.
    """
    profile = summed(fold, dm)
    low, high = profile.min(), profile.max()
    if not high > low:
        return np.zeros_like(profile)
    return np.asarray(255 * (profile - low) / (high - low))


def reduced_chi2(profiles: _Floats, mean: float, variance: float) -> _Floats:
    """Compare profiles with a constant.

    Parameters
    ----------
    profiles : ndarray of shape (..., n_bins)
        Summed profiles.
    mean, variance : float
        Of a bin without a signal.

    Returns
    -------
    ndarray of shape (...)
        Sum of squared deviations by variance and by n_bins - 1.
    """
    deviations = ((profiles - mean) ** 2).sum(axis=-1)
    return np.asarray(deviations / (variance * (profiles.shape[-1] - 1)))


def expected(fold: Fold) -> tuple[float, float]:
    """Tell mean and variance of a bin of the summed profile without a signal.

    Parameters
    ----------
    fold : Fold
        The observation.

    Returns
    -------
    tuple of float
        Mean and variance.
    """
    mean = fold.profiles.sum() / fold.profiles.shape[2]
    return float(mean), float(fold.variances.sum())


def dm_curve(
    profiles: _Floats, fold: Fold, dms: _Floats, doppler: float = 0
) -> _Floats:
    """Compute the reduced chi-square for each trial DM.

    Parameters
    ----------
    profiles : ndarray of shape (n_subbands, n_bins)
        Summed over the parts.
    fold : Fold
        The observation.
    dms : ndarray of shape (n_trials,)
        Dispersion measures in pc cm^-3.
    doppler : float
        See `shifts`.

    Returns
    -------
    ndarray of shape (n_trials,)
        Not corrected for the correlation of bins.
    """
    trials = [rotated(profiles, shifts(fold, dm, doppler)).sum(axis=0) for dm in dms]
    return reduced_chi2(np.array(trials), *expected(fold))


def trial_dms(dms: _Floats) -> _Floats:
    """Spread the trial DMs of the DM curve over the range that was searched.

    Parameters
    ----------
    dms : ndarray of shape (n_dms,)
        The file's own.

    Returns
    -------
    ndarray of shape (100,)
        From the first to the last.
    """
    return np.asarray(
        dms[0] + (dms[-1] - dms[0]) * np.arange(N_TRIALS) / (N_TRIALS - 1)
    )


def drift_bins(fold: Fold, period_s: float, pdot: float) -> _Shifts:
    """Compute by how many bins a part is late under another period.

    Parameters
    ----------
    fold : Fold
        The observation.
    period_s, pdot : float
        The period in seconds at the start, not zero, and its derivative in s/s.

    Returns
    -------
    ndarray of int, shape (n_parts,)
        Rotations to the right that align the parts, from 0 to n_bins.

    Raises
    ------
    BadInput
        The drift is no number.
    """
    extra = 1 / period_s - fold.frequency_hz
    drift = -pdot * fold.frequency_hz**2 - fold.drift_hz_s
    # prepfold holds them in single precision, which now and then moves a part by a bin.
    times = fold.times_s.astype(np.float32).astype(np.float64)
    phases = (extra * times + drift * times**2 / 2) % 1.0
    return _whole(phases * fold.profiles.shape[2])


def aligned(fold: Fold, left: _Shifts, right: _Shifts) -> tuple[_Floats, _Floats]:
    """Align the parts, and sum over either axis.

    Parameters
    ----------
    fold : Fold
        The observation.
    left : ndarray of int, shape (n_subbands,)
        Rotations that remove the dispersion, see `shifts`.
    right : ndarray of int, shape (n_parts,)
        Rotations that remove the drift, see `drift_bins`.

    Returns
    -------
    ndarray of shape (n_parts, n_bins), ndarray of shape (n_subbands, n_bins)
        The parts, summed over de-dispersed sub-bands; and the sub-bands, summed over
        the parts and still dispersed.
    """
    parts = np.empty((len(right), fold.profiles.shape[2]))
    subbands = np.zeros(fold.profiles.shape[1:])
    # Part by part: a rotated copy of all would double the memory.
    for place, part in enumerate(fold.profiles):
        turned = np.roll(part, right[place], axis=-1)
        parts[place] = rotated(turned, left).sum(axis=0)
        subbands += turned
    return parts, subbands


def plane(parts: _Floats, fold: Fold, periods_s: _Floats, pdots: _Floats) -> _Floats:
    """Compute the reduced chi-square on a grid of periods and derivatives.

    Parameters
    ----------
    parts : ndarray of shape (n_parts, n_bins)
        De-dispersed and summed over the sub-bands, with no drift removed.
    fold : Fold
        The observation.
    periods_s : ndarray of shape (n_periods,)
        In seconds.
    pdots : ndarray of shape (n_pdots,)
        In s/s.

    Returns
    -------
    ndarray of shape (n_pdots, n_periods)
        Not corrected for the correlation of bins.
    """
    mean, variance = expected(fold)
    values = np.empty((len(pdots), len(periods_s)))
    for row, pdot in enumerate(pdots):
        for column, period in enumerate(periods_s):
            aligned = rotated(parts, -drift_bins(fold, period, pdot)).sum(axis=0)
            values[row, column] = reduced_chi2(aligned, mean, variance)
    return values


def dof_correction(fold: Fold) -> float:
    """Tell the share of the degrees of freedom that correlated bins leave.

    A sample that spans bins is shared between them (Ransom's ``DOF_corr`` in PRESTO,
    fitted to simulations).

    Parameters
    ----------
    fold : Fold
        The observation.

    Returns
    -------
    float
        By which reduced chi-squares are divided.
    """
    bins_per_sample = fold.frequency_hz * fold.profiles.shape[2] * fold.sample_s
    ratio = 1 / bins_per_sample
    return float(0.96 * ratio * (1 + ratio**1.806) ** (-1 / 1.806))


def _whole(bins: _Floats) -> _Shifts:
    if not (np.abs(bins) < 2**53).all():
        raise BadInput("has frequencies, periods or DMs that no observation has")
    return np.floor(bins + 0.5).astype(np.int64)
