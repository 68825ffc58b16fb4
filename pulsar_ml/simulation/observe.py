"""Observe a source: signal and noise of a folded candidate, and what a search finds."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.simulation import search
from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sources import Harmonics, Interference, Pulsar

_MOST_BINS, _FEWEST_BINS = 128, 16
# Grid of the refinement: half its size in turns of delay over the band, in turns of
# drift over the observation, and its points along each axis.
_DELAY, _DRIFT, _POINTS = 0.125, 0.25, 66


class Found(NamedTuple):
    """What the refinement of a candidate gives."""

    dms: NDArray[np.float64]
    drifts: NDArray[np.float64]
    snrs: NDArray[np.float64]
    dm: float
    drift: float
    snr: float
    width: float


@dataclass(frozen=True)
class Observation:
    """Signal and noise, folded at the period that a search would have found.

    Attributes
    ----------
    receiver : Receiver
        What it was observed with.
    period_s : float
        Of the fold; off the true one by a fraction of the search's resolution.
    signal_dm, spread_mhz : float
        Of the source.
    signal, noise : ndarray of shape (n_parts, n_bands, n_harmonics)
        With no delay between the sub-bands; a bin of the noise of one part and sub-band
        has variance one, dead sub-bands have none.
    """

    receiver: Receiver
    period_s: float
    signal_dm: float
    spread_mhz: float
    signal: Harmonics
    noise: Harmonics

    @property
    def n_bins(self) -> int:
        """Of a profile.

        Returns
        -------
        int
            Twice the number of harmonics.
        """
        return int(2 * self.signal.shape[-1])

    @property
    def sigma(self) -> float:
        """Noise of a bin of the profile that is the sum of all.

        Returns
        -------
        float
            Standard deviation, in units of one bin of one part and sub-band.
        """
        return float(np.sqrt(self.receiver.n_parts * self.receiver.alive.sum()))

    @cached_property
    def dm_curve(self) -> NDArray[np.float64]:
        """S/N at each of the search's trial DMs.

        Returns
        -------
        ndarray of shape (n_trials,)
            In the order of `search.trial_dms`.
        """
        return search.dm_curve(
            self.signal.sum(axis=0) / self.sigma,
            self.noise.sum(axis=0) / self.sigma,
            search.trial_dms(),
            signal_dm=self.signal_dm,
            spread_mhz=self.spread_mhz,
            period_s=self.period_s,
            receiver=self.receiver,
        )

    @cached_property
    def found(self) -> Found:
        """The best DM and period around the best of the search.

        Returns
        -------
        Found
            The grid that was searched, and its best point.
        """
        first = float(search.trial_dms()[self.dm_curve.argmax()])
        steps = (np.arange(_POINTS) - _POINTS // 2) / (_POINTS // 2)
        turns_per_dm = self.receiver.delays_s(1.0)[0] / self.period_s
        offsets = _DELAY / turns_per_dm * steps
        drifts = _DRIFT * steps
        snrs, widths = search.plane(
            self.aligned(first) / self.sigma,
            offsets,
            drifts,
            period_s=self.period_s,
            receiver=self.receiver,
        )
        row, column = np.unravel_index(snrs.argmax(), snrs.shape)
        return Found(
            dms=first + offsets,
            drifts=drifts,
            snrs=snrs,
            dm=float(first + offsets[row]),
            drift=float(drifts[column]),
            snr=float(snrs[row, column]),
            width=float(widths[row, column] / self.n_bins),
        )

    def aligned(self, dm: float, drift: float = 0) -> Harmonics:
        """Align sub-bands and parts.

        Parameters
        ----------
        dm : float
            Dispersion measure at which the sub-bands are de-dispersed, in pc cm^-3.
        drift : float
            Turns by which the pulse comes later over the observation, to be taken out.

        Returns
        -------
        ndarray of shape (n_parts, n_bands, n_harmonics)
            Signal and noise.
        """
        turns = self.receiver.delays_s(self.signal_dm - dm) / self.period_s
        shares = self.receiver.times_s / self.receiver.length_s
        both = turns - drift * shares[:, np.newaxis]
        factors = search.late(both, self.signal.shape[-1])
        return np.asarray((self.signal + self.noise) * factors)


def observe(
    source: Pulsar | Interference | None,
    period_s: float,
    receiver: Receiver,
    rng: Generator,
) -> Observation:
    """Observe a source.

    Parameters
    ----------
    source : Pulsar or Interference or None
        None: nothing but noise.
    period_s : float
        Of the source, or at which noise is folded.
    receiver : Receiver
        With which.
    rng : Generator
        Of everything random.

    Returns
    -------
    Observation
        With as many bins, a power of two up to 128, as there are samples.

    Raises
    ------
    BadInput
        A turn has fewer than 16 samples.
    """
    samples = period_s / receiver.sample_s
    if samples < _FEWEST_BINS:
        raise BadInput(f"a period of {period_s} s has fewer than 16 samples")
    n_bins = min(2 ** int(np.log2(samples)), _MOST_BINS)
    n = n_bins // 2
    noise = _noise(receiver, n_bins, period_s, rng)
    # Within the resolution of a Fourier transform; pdmp finds the rest.
    drift = float(rng.uniform(-0.15, 0.15)) if source else 0.0
    signal = np.zeros_like(noise)
    if source is not None:
        shares = receiver.times_s / receiver.length_s
        emission = source.emission(receiver, n, rng)
        emission[:, ~receiver.alive] = 0
        strength = source.snr / _matched_snr(emission, receiver)
        signal = strength * emission * search.late(drift * shares, n)[:, np.newaxis]
    return Observation(
        receiver=receiver,
        # Folded too fast by it, the pulse comes later and later.
        period_s=period_s / (1 + drift * period_s / receiver.length_s),
        signal_dm=source.dm if source else 0.0,
        spread_mhz=source.spread_mhz(receiver) if source else receiver.band_mhz,
        signal=signal,
        noise=noise,
    )


def _noise(
    receiver: Receiver, n_bins: int, period_s: float, rng: Generator
) -> Harmonics:
    """White noise, with what a sample shares between two bins counted in both.

    PRESTO spreads each sample evenly over the bins it covers; with r samples a bin the
    variance of a bin falls to 1 - 1/(3 r), and neighbours correlate by 1/(6 r).
    """
    white = rng.normal(size=(receiver.n_parts, receiver.n_bands, n_bins))
    white[:, ~receiver.alive] = 0
    share = n_bins * receiver.sample_s / period_s / 3
    order = np.arange(1, n_bins // 2 + 1)
    power = 1 - share * (1 - np.cos(2 * np.pi * order / n_bins))
    return np.asarray(np.fft.rfft(white)[..., 1:] * np.sqrt(power))


def _matched_snr(emission: Harmonics, receiver: Receiver) -> float:
    """Of the whole profile, had it been aligned, in noise of variance one."""
    # Moduli: jitter and orbits make no source weaker, they only make it hard to find.
    total = np.abs(emission).sum(axis=(0, 1))
    cells = receiver.n_parts * receiver.alive.sum()
    # Parseval: the sum of squares over 2 n bins from that over n harmonics.
    return float(np.sqrt((total**2).sum() / len(total) / cells))
