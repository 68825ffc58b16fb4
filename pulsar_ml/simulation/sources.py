"""Pulsars and interference, as harmonics of their rotation.

Arrays of harmonics are complex, of shape (n_parts, n_bands, n_harmonics), in the
convention of ``numpy.fft.rfft`` from the first harmonic on, with no dispersive delay
between the sub-bands.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pulsar_ml.simulation.receiver import Receiver

Harmonics = NDArray[np.complex128]
Peaks = tuple[tuple[float, float, float], ...]
# Bins in which a pulse is drawn before it is made of harmonics.
_FINE = 2048
_SCATTERING_INDEX = -4.4


@dataclass(frozen=True)
class Pulsar:
    """A pulsar, and the matter between it and us.

    Attributes
    ----------
    period_s, dm : float
        In seconds, and in pc cm^-3.
    snr : float
        Signal-to-noise ratio of the folded profile under a filter of its own shape.
    peaks : tuple of (float, float, float)
        Phase and full width at half maximum, in turns, and height of each component.
    scintle_s : float
        How long a scintle lasts.
    spectral_index : float
        Of the flux; -1.6 is usual (Jankowski et al. 2018, MNRAS 473, 4436).
    orbit : tuple of (float, float, float) or None
        Period in seconds, projected semi-major axis in light seconds, and phase in
        turns of a circular orbit.
    """

    period_s: float
    dm: float
    snr: float
    peaks: Peaks
    scintle_s: float = 600.0
    spectral_index: float = -1.6
    orbit: tuple[float, float, float] | None = None

    def spread_mhz(self, receiver: Receiver) -> float:
        """Tell how much of a sub-band the emission fills.

        Parameters
        ----------
        receiver : Receiver
            It has the sub-bands.

        Returns
        -------
        float
            All of it, in MHz.
        """
        return receiver.band_mhz

    def emission(self, receiver: Receiver, n: int, rng: Generator) -> Harmonics:
        """Compute what arrives, of any strength.

        Parameters
        ----------
        receiver : Receiver
            Its channels and samples smear the pulse.
        n : int
            Harmonics wanted.
        rng : Generator
            Of the scintillation.

        Returns
        -------
        ndarray of shape (n_parts, n_bands, n)
            Components of von Mises shape, scattered, smeared and scintillating; late
            by the Roemer delay of the orbit, less what a constant period takes up.
        """
        order = np.arange(1, n + 1)
        frequencies = receiver.frequencies_mhz
        tail = scattering_s(self.dm, frequencies)[:, np.newaxis] / self.period_s
        smear = receiver.smearing_s(self.dm, receiver.channel_mhz)[:, np.newaxis]
        shape = harmonics(self.peaks, n) / (1 + 2j * np.pi * order * tail)
        shape = shape * np.sinc(order * smear / self.period_s)
        shape = shape * np.sinc(order * receiver.sample_s / self.period_s)
        spectrum = (frequencies / receiver.centre_mhz) ** self.spectral_index
        gains = scintillation(self.dm, self.scintle_s, receiver, rng) * spectrum
        drift = np.outer(self._drift_turns(receiver.times_s), order)
        turned = gains[:, :, np.newaxis] * np.exp(-2j * np.pi * drift)[:, np.newaxis]
        return np.asarray(turned * shape)

    def _drift_turns(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.orbit is None:
            return np.zeros_like(times_s)
        period_s, axis_s, phase = self.orbit
        late = axis_s / self.period_s * np.sin(2 * np.pi * (times_s / period_s + phase))
        return np.asarray(late - np.polyval(np.polyfit(times_s, late, 1), times_s))


@dataclass(frozen=True)
class Interference:
    """Something periodic on the ground: not dispersed, unsteady in time.

    Attributes
    ----------
    period_s, snr : float
        As of a `Pulsar`.
    peaks : tuple of (float, float, float)
        As of a `Pulsar`.
    bands : tuple of int
        The sub-bands in which it is seen; empty: in all.
    jitter_turns : float
        Standard deviation of the steps of its clock from one sub-integration to the
        next.
    """

    period_s: float
    snr: float
    peaks: Peaks
    bands: tuple[int, ...] = ()
    jitter_turns: float = 0.0
    dm: float = 0.0

    def spread_mhz(self, receiver: Receiver) -> float:
        """Tell how much of a sub-band it fills.

        Parameters
        ----------
        receiver : Receiver
            It has the sub-bands.

        Returns
        -------
        float
            In MHz: all of it, or one channel.
        """
        return receiver.channel_mhz if self.bands else receiver.band_mhz

    def emission(self, receiver: Receiver, n: int, rng: Generator) -> Harmonics:
        """Compute what arrives, of any strength.

        Parameters
        ----------
        receiver : Receiver
            It has the sub-bands.
        n : int
            Harmonics wanted.
        rng : Generator
            Of strengths and jitter.

        Returns
        -------
        ndarray of shape (n_parts, n_bands, n)
            Most of the time weak, now and then strong.
        """
        parts, bands = receiver.n_parts, receiver.n_bands
        strength = rng.lognormal(0, 1, size=(parts, 1))
        gains = strength * rng.uniform(0.6, 1.4, size=(1, bands))
        if self.bands:
            gains[:, np.setdiff1d(np.arange(bands), self.bands)] = 0
        steps = rng.normal(0, self.jitter_turns, size=parts).cumsum()
        late = np.exp(-2j * np.pi * np.outer(steps, np.arange(1, n + 1)))
        return np.asarray(
            gains[:, :, np.newaxis] * (late * harmonics(self.peaks, n))[:, np.newaxis]
        )


def harmonics(peaks: Peaks, n: int) -> Harmonics:
    """Draw a pulse and take it apart.

    Parameters
    ----------
    peaks : tuple of (float, float, float)
        Phase and full width at half maximum in turns, and height, of each component.
    n : int
        Harmonics wanted.

    Returns
    -------
    ndarray of shape (n,)
        Of the sum of von Mises peaks, exp(k (cos(2 pi phase) - 1)), whose k follows
        from the width.
    """
    phases = np.arange(_FINE) / _FINE
    pulse = np.zeros(_FINE)
    for phase, width, height in peaks:
        concentration = math.log(2) / (1 - math.cos(math.pi * width))
        turned = np.cos(2 * np.pi * (phases - phase)) - 1
        pulse += height * np.exp(concentration * turned)
    return np.asarray(np.fft.rfft(pulse)[1 : n + 1] / _FINE)


def scattering_s(
    dm: float, frequencies_mhz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Tell how long the exponential tail of a pulse is.

    Parameters
    ----------
    dm : float
        Dispersion measure in pc cm^-3.
    frequencies_mhz : ndarray of shape (n,)
        Where.

    Returns
    -------
    ndarray of shape (n,)
        Seconds: the mean relation of Bhat et al. 2004 (ApJ 605, 759, eq. 7) at 1 GHz,
        and with frequency the power -4.4 of a Kolmogorov spectrum.
    """
    decades = math.log10(max(dm, 1e-3))
    at_1ghz = 1e-3 * 10 ** (-6.46 + 0.154 * decades + 1.07 * decades**2)
    return np.asarray(at_1ghz * (frequencies_mhz / 1e3) ** _SCATTERING_INDEX)


def scintillation(
    dm: float, scintle_s: float, receiver: Receiver, rng: Generator
) -> NDArray[np.float64]:
    """Draw by how much each cell of time and frequency is brighter than the mean.

    In strong scattering the field is Gaussian noise, so that the intensity is
    exponential; it stays alike within 1.16 / (2 pi scattering time) in frequency
    (Cordes & Rickett 1998, ApJ 507, 846). Where a sub-band holds many such scintles,
    their mean varies less.

    Parameters
    ----------
    dm, scintle_s : float
        Dispersion measure, and how long a scintle lasts.
    receiver : Receiver
        Its cells.
    rng : Generator
        Of the field.

    Returns
    -------
    ndarray of shape (n_parts, n_bands)
        About one in the mean over many draws.
    """
    tail_s = scattering_s(dm, np.array([receiver.centre_mhz]))[0]
    width_mhz = 1.16 / (2 * math.pi * tail_s) / 1e6
    alike = max(width_mhz, receiver.band_mhz / 4)
    in_time = _correlation(receiver.times_s / scintle_s)
    in_frequency = _correlation(receiver.frequencies_mhz / alike)
    white = rng.normal(size=(2, receiver.n_parts, receiver.n_bands))
    field = in_time @ white @ in_frequency.T / math.sqrt(2)
    modulation = min(1.0, math.sqrt(width_mhz / receiver.band_mhz))
    return np.asarray(1 + modulation * ((field**2).sum(axis=0) - 1))


def _correlation(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square root of a Gaussian covariance."""
    covariance = np.exp(-((places[:, np.newaxis] - places) ** 2))
    # Neighbours are all but equal: without it the matrix is singular in rounding.
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(places)))
    return np.asarray(root, dtype=np.float64)
