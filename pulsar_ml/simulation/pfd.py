"""Write a simulated observation as PFD, laid out as PRESTO's prepfold does."""

import struct

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.angles import declination, right_ascension
from pulsar_ml.simulation import search
from pulsar_ml.simulation.observe import Observation
from pulsar_ml.simulation.sky import Place

# Mean and variance of a sample, in counts of a digitiser of eight bits.
_MEAN, _VARIANCE = 96.0, 36.0
# Steps of trials, in bins over the observation or the band, as prepfold has them.
_PERIOD_STEP, _PDOT_STEP, _DM_STEP = 1, 2, 1
_TRIALS = 41  # along each axis of the search that is made here


def write(seen: Observation, place: Place) -> bytes:
    """Write a candidate.

    Parameters
    ----------
    seen : Observation
        Signal and noise.
    place : Place
        Name, position and epoch.

    Returns
    -------
    bytes
        Little-endian, as described in docs/simulation.md.
    """
    receiver, n = seen.receiver, seen.n_bins
    dm = max(seen.found.dm, 0.0)
    dms, periods, pdots = _axes(seen, dm)
    sizes = (len(dms), len(periods), len(pdots), receiver.n_bands, receiver.n_parts, n)
    steps = (_PERIOD_STEP, _PDOT_STEP, _DM_STEP, 1, 1)
    period_s, pdot = _best(seen, dm)
    profiles, stats = _data(seen)
    return b"".join(
        [
            struct.pack("<12i", *sizes, receiver.n_channels, *steps),
            _text(f"{place.name}.fil"),
            _text(place.name),
            _text(f"{receiver.telescope} (simulated)"),
            _text(f"{place.name}.pfd.ps/CPS"),
            _padded(right_ascension(place.ra_deg, digits=4)),
            _padded(declination(place.dec_deg, digits=4)),
            struct.pack("<4d", receiver.sample_s, 0, 1, place.mjd),
            # No barycentric epoch, no velocity: nothing here knows of the Earth.
            struct.pack("<2d", 0, 0),
            struct.pack("<3d", receiver.lowest_mhz, receiver.channel_mhz, dm),
            struct.pack("<f4x3d", 0, period_s, pdot, 0),
            struct.pack("<f4x3d", 0, 0, 0, 0),
            struct.pack("<f4x3d", 0, 1 / seen.period_s, 0, 0),
            struct.pack("<7d", *[0] * 7),
            *(a.astype("<f8").tobytes() for a in (dms, periods, pdots)),
            profiles.astype("<f8").tobytes(),
            stats.astype("<f8").tobytes(),
        ]
    )


def _axes(seen: Observation, dm: float) -> tuple[NDArray[np.float64], ...]:
    """Trial DMs, periods and period derivatives around those of the fold."""
    frequency, length = 1 / seen.period_s, seen.receiver.length_s
    bins = np.arange(-seen.n_bins, seen.n_bins + 1) / seen.n_bins
    turns_per_dm = seen.receiver.delays_s(1.0)[0] * frequency
    offsets = _DM_STEP * bins / turns_per_dm
    periods = 1 / (frequency + _PERIOD_STEP * bins / length)
    pdots = -2 * _PDOT_STEP * bins / length**2 / frequency**2
    # A search begins at zero.
    return max(dm, offsets[-1]) + offsets, periods, pdots


def _best(seen: Observation, dm: float) -> tuple[float, float]:
    """Find the period at the start, and its derivative, that align the parts best."""
    parts = seen.aligned(dm).sum(axis=1)
    half = _TRIALS // 2
    trials = np.arange(-half, half + 1) / half
    linear, quadratic = search.drift(parts, trials, trials)
    # Later by a t + b t^2 in turns is a frequency lower by a, falling by 2 b.
    length = seen.receiver.length_s
    fdot = -2 * quadratic / length**2
    return 1 / (1 / seen.period_s - linear / length), -fdot * seen.period_s**2


def _data(seen: Observation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Profiles of shape (n_parts, n_bands, n_bins), and seven numbers on each."""
    receiver, n = seen.receiver, seen.n_bins
    delays = receiver.delays_s(seen.signal_dm) / seen.period_s
    amplitudes = (seen.signal + seen.noise) * search.late(delays, seen.signal.shape[-1])
    samples = np.floor(receiver.length_s / receiver.n_parts / receiver.sample_s)
    seen_by = receiver.alive.astype(np.float64)
    mean, variance = _MEAN * seen_by, _VARIANCE * seen_by
    prof_mean, prof_variance = (value * samples / n for value in (mean, variance))
    deviations = search.folded(amplitudes, n)
    scaled = deviations * np.sqrt(prof_variance)[:, np.newaxis]
    stats = np.zeros((receiver.n_parts, receiver.n_bands, 7))
    stats[..., :6] = np.stack(
        [
            np.full(len(mean), samples),
            mean,
            variance,
            np.full(len(mean), n),
            prof_mean,
            prof_variance,
        ],
        axis=-1,
    )
    stats[..., 6] = (deviations**2).sum(axis=-1) / (n - 1)
    return prof_mean[:, np.newaxis] + scaled, stats


def _text(text: str) -> bytes:
    data = text.encode("ascii", "replace")
    return struct.pack("<i", len(data)) + data


def _padded(text: str) -> bytes:
    return text.encode("ascii").ljust(16, b"\0")
