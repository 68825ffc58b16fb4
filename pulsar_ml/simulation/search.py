"""How a survey searches: signal-to-noise ratio against trial DM and period."""

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sources import Harmonics

_AT_ONCE = 64  # trial DMs, so that their arrays stay small
N_DMS = 1196
_FIRST_STEP, _SCALE = 0.18, 61.9


def trial_dms() -> NDArray[np.float64]:
    """List trial DMs like those of HTRU.

    Returns
    -------
    ndarray of shape (1196,)
        From 0 to 998.6 pc cm^-3: steps of 0.18 that grow with the smearing within a
        channel, in the form of a hyperbolic sine.
    """
    return np.asarray(_SCALE * np.sinh(_FIRST_STEP / _SCALE * np.arange(N_DMS)))


def folded(amplitudes: Harmonics, n_bins: int) -> NDArray[np.float64]:
    """Make profiles of harmonics.

    Parameters
    ----------
    amplitudes : ndarray of shape (..., n_bins // 2)
        From the first harmonic on.
    n_bins : int
        Of a profile.

    Returns
    -------
    ndarray of shape (..., n_bins)
        Of mean zero.
    """
    without_mean = np.zeros((*amplitudes.shape[:-1], 1))
    return np.fft.irfft(np.concatenate([without_mean, amplitudes], axis=-1), n=n_bins)


def late(turns: NDArray[np.float64], n: int) -> Harmonics:
    """Give the factors by which harmonics are multiplied to come later.

    Parameters
    ----------
    turns : ndarray of any shape
        By how many turns.
    n : int
        Harmonics.

    Returns
    -------
    ndarray of shape (..., n)
        Of modulus one.
    """
    first = np.exp(-2j * np.pi * turns)[..., np.newaxis]
    # Powers by repeated products: ten times as fast as so many exponentials.
    return np.cumprod(np.broadcast_to(first, (*turns.shape, n)), axis=-1)


def smeared(turns: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Give the factors by which harmonics are damped when a pulse is smeared.

    Parameters
    ----------
    turns : ndarray of any shape
        Width of the boxcar that smears it.
    n : int
        Harmonics.

    Returns
    -------
    ndarray of shape (..., n)
        Sine of x over x = pi times harmonic times width.
    """
    # The sine from the powers of `late`, for speed; at zero width it is 0 / 0.
    width = np.where(turns == 0, 1e-12, turns)
    angles = np.pi * width[..., np.newaxis] * np.arange(1, n + 1)
    return np.asarray(-late(width / 2, n).imag / angles)


def boxcar(
    profiles: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Find the boxcar that fits best.

    Parameters
    ----------
    profiles : ndarray of shape (..., n_bins)
        In units of the noise of a bin, of mean zero.

    Returns
    -------
    tuple of ndarray
        Signal-to-noise ratio and width in bins, both of shape (...), over widths of
        1, 2, 4 and so on up to half a turn.
    """
    n = profiles.shape[-1]
    sums = np.cumsum(np.concatenate([profiles, profiles], axis=-1), axis=-1)
    widths = 2 ** np.arange(int(np.log2(n)))
    best = np.stack(
        [
            (sums[..., w : w + n] - sums[..., :n]).max(axis=-1)
            / np.sqrt(w * (1 - w / n))
            for w in widths
        ]
    )
    return best.max(axis=0), widths[best.argmax(axis=0)]


def dm_curve(
    signal: Harmonics,
    noise: Harmonics,
    dms: NDArray[np.float64],
    *,
    signal_dm: float,
    spread_mhz: float,
    period_s: float,
    receiver: Receiver,
) -> NDArray[np.float64]:
    """Search all trial DMs.

    At a wrong DM the sub-bands are late against each other, and the pulse is smeared
    within each. For a Gaussian pulse the height then falls as Cordes & McLaughlin 2003
    (ApJ 596, 1142, eqs. 12-13) have it. Noise is neither smeared nor lost; between
    near trials it stays alike, as in reality.

    Parameters
    ----------
    signal, noise : ndarray of shape (n_bands, n_harmonics)
        Added over the parts; the signal without delays, the noise in units of one bin
        of one sub-band.
    dms : ndarray of shape (n_trials,)
        In pc cm^-3.
    signal_dm, spread_mhz : float
        Of the source: its DM, and how much of a sub-band it fills.
    period_s : float
        Of the rotation.
    receiver : Receiver
        It gives delays and smearing.

    Returns
    -------
    ndarray of shape (n_trials,)
        Signal-to-noise ratio of the best boxcar.
    """
    n = signal.shape[-1]
    curve = []
    for start in range(0, len(dms), _AT_ONCE):
        wrong = dms[start : start + _AT_ONCE, np.newaxis] - signal_dm
        seen = signal * smeared(receiver.smearing_s(wrong, spread_mhz) / period_s, n)
        early = late(-receiver.delays_s(wrong) / period_s, n)
        profiles = folded(((seen + noise) * early).sum(axis=1), 2 * n)
        curve.append(boxcar(profiles)[0])
    return np.concatenate(curve)


def plane(
    amplitudes: Harmonics,
    dm_offsets: NDArray[np.float64],
    drifts: NDArray[np.float64],
    *,
    period_s: float,
    receiver: Receiver,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Search a small grid of DM and period, as pdmp does for each candidate.

    Parameters
    ----------
    amplitudes : ndarray of shape (n_parts, n_bands, n_harmonics)
        Signal and noise, aligned at the DM around which is searched.
    dm_offsets : ndarray of shape (n_dms,)
        From that DM, in pc cm^-3.
    drifts : ndarray of shape (n_periods,)
        Turns by which the pulse comes later over the observation, to be taken out.
    period_s : float
        Of the rotation.
    receiver : Receiver
        It gives the delays.

    Returns
    -------
    tuple of ndarray
        Signal-to-noise ratio, in units of the noise of the amplitudes, and width in
        bins, of the best boxcar; both of shape (n_dms, n_periods).
    """
    n = amplitudes.shape[-1]
    early = late(-receiver.delays_s(dm_offsets[:, np.newaxis]) / period_s, n)
    shares = receiver.times_s / receiver.length_s
    aligning = late(-drifts[:, np.newaxis] * shares, n)
    # A product of matrices for each harmonic: DMs by parts, then DMs by periods.
    parts = early.transpose(2, 0, 1) @ amplitudes.transpose(2, 1, 0)
    summed = parts @ aligning.transpose(2, 1, 0)
    return boxcar(folded(summed.transpose(1, 2, 0), 2 * n))


def drift(
    parts: Harmonics, linear: NDArray[np.float64], quadratic: NDArray[np.float64]
) -> tuple[float, float]:
    """Search for the change of period that aligns the parts best.

    Parameters
    ----------
    parts : ndarray of shape (n_parts, n_harmonics)
        Signal and noise, added over the sub-bands.
    linear, quadratic : ndarray of shape (n,) and (m,)
        Trial coefficients, in turns, of the share of the observation that is over and
        of its square.

    Returns
    -------
    tuple of float
        The best pair: by so much the pulse came later.
    """
    n = parts.shape[-1]
    share = np.arange(len(parts))[:, np.newaxis, np.newaxis] / len(parts)
    turns = linear[:, np.newaxis] * share + quadratic * share**2
    best, found = -np.inf, (0.0, 0.0)
    for row, column in np.ndindex(turns.shape[1:]):
        aligned = (parts * late(-turns[:, row, column], n)).sum(axis=0)
        snr = float(boxcar(folded(aligned, 2 * n))[0])
        if snr > best:
            best, found = snr, (float(linear[row]), float(quadratic[column]))
    return found
