"""Where and how simulated candidates are observed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.fold import DISPERSION


@dataclass(frozen=True)
class Receiver:
    """A receiver and an observation; the defaults are those of HTRU at Parkes.

    Keith et al. 2010 (MNRAS 409, 619): 1024 channels over 400 MHz, of which a filter
    takes away the upper 60 MHz; 64 us; here 560 s, as at medium latitudes.

    Attributes
    ----------
    telescope : str
        Its name.
    centre_mhz, bandwidth_mhz : float
        Of the band.
    n_channels : int
        In it.
    sample_s, length_s : float
        Of a sample, and of the observation.
    n_bands, n_parts : int
        Sub-bands and sub-integrations that are kept of a folded candidate.
    n_dead : int
        How many of the sub-bands, from the top, see nothing.
    """

    telescope: str = "Parkes"
    centre_mhz: float = 1382.0
    bandwidth_mhz: float = 400.0
    n_channels: int = 1024
    sample_s: float = 64e-6
    length_s: float = 560.0
    n_bands: int = 32
    n_parts: int = 32
    n_dead: int = 4

    @property
    def channel_mhz(self) -> float:
        """Width of a channel.

        Returns
        -------
        float
            In MHz.
        """
        return self.bandwidth_mhz / self.n_channels

    @property
    def band_mhz(self) -> float:
        """Width of a sub-band.

        Returns
        -------
        float
            In MHz.
        """
        return self.bandwidth_mhz / self.n_bands

    @property
    def lowest_mhz(self) -> float:
        """Middle of the lowest channel.

        Returns
        -------
        float
            In MHz.
        """
        return self.centre_mhz - (self.bandwidth_mhz - self.channel_mhz) / 2

    @property
    def frequencies_mhz(self) -> NDArray[np.float64]:
        """Top channel of each sub-band: delays are referred to it.

        Returns
        -------
        ndarray of shape (n_bands,)
            In MHz, ascending.
        """
        tops = self.band_mhz * np.arange(1, self.n_bands + 1)
        return np.asarray(self.lowest_mhz + tops - self.channel_mhz)

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which sub-bands see the sky.

        Returns
        -------
        ndarray of bool, shape (n_bands,)
            False for the dead ones, which are the last.
        """
        return np.arange(self.n_bands) < self.n_bands - self.n_dead

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Start of each sub-integration.

        Returns
        -------
        ndarray of shape (n_parts,)
            In seconds from the start of the observation.
        """
        return np.asarray(self.length_s / self.n_parts * np.arange(self.n_parts))

    def delays_s(self, dm: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how late each sub-band is against the highest.

        Parameters
        ----------
        dm : float or ndarray of shape (n_trials, 1)
            Dispersion measure in pc cm^-3.

        Returns
        -------
        ndarray of shape (n_bands,) or (n_trials, n_bands)
            In seconds (Lorimer & Kramer 2005, Handbook of Pulsar Astronomy, eq. 5.1).
        """
        inverse = self.frequencies_mhz**-2
        return np.asarray(DISPERSION * dm * (inverse - inverse[-1]))

    def smearing_s(
        self, dm: float | NDArray[np.float64], width_mhz: float
    ) -> NDArray[np.float64]:
        """Tell by how much dispersion smears a pulse within some width.

        Parameters
        ----------
        dm : float or ndarray of shape (n_trials, 1)
            Dispersion measure in pc cm^-3.
        width_mhz : float
            Of a channel or a sub-band.

        Returns
        -------
        ndarray of shape (n_bands,) or (n_trials, n_bands)
            In seconds: 8.3 us DM (width/MHz) (frequency/GHz)^-3 (Cordes & McLaughlin
            2003, ApJ 596, 1142).
        """
        return np.asarray(2 * DISPERSION * dm * width_mhz / self.frequencies_mhz**3)
