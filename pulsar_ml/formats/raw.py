"""What every reader of a raw candidate gives: header, arrays, panels; no drawing."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES, moments
from pulsar_ml.preprocessor import CONSTANT, faults

Array = NDArray[np.floating[Any] | np.integer[Any]]
DM_LABEL = "DM (pc cm⁻³)"
PHASE_LABEL = "Phase (turns)"
NO_DM_TRIALS = "features unavailable: no DM trials"


@dataclass(frozen=True)
class Header:
    """What a file says of its candidate.

    Attributes
    ----------
    name, telescope : str
        As the file has them; empty where it says nothing.
    period_s, pdot : float or None
        Period in seconds and its derivative in s/s.
    dm : float or None
        Dispersion measure in pc cm^-3; a search may give a negative one.
    snr : float or None
        Signal-to-noise ratio; no PFD has one.
    sigma : float or None
        Significance in Gaussian sigma, as the ``.bestprof`` of a PFD has it.
    width : float or None
        Of the pulse, as a fraction of the period.
    ra_deg, dec_deg : float or None
        Position, J2000, in degrees.
    mjd : float or None
        Start of the observation.
    tobs_s : float or None
        Its length in seconds.
    centre_mhz, bandwidth_mhz : float or None
        Of the band; the width is negative where the channels descend.
    """

    name: str = ""
    telescope: str = ""
    period_s: float | None = None
    pdot: float | None = None
    dm: float | None = None
    snr: float | None = None
    sigma: float | None = None
    width: float | None = None
    ra_deg: float | None = None
    dec_deg: float | None = None
    mjd: float | None = None
    tobs_s: float | None = None
    centre_mhz: float | None = None
    bandwidth_mhz: float | None = None


class Curve(NamedTuple):
    """Values over an axis, with what to write at both; shapes (n,)."""

    x: Array
    y: Array
    x_label: str
    y_label: str


class Image(NamedTuple):
    """Values over two axes: ``values[row, column]``, rows along y.

    `values` has shape (len(y), len(x)).
    """

    values: Array
    x: Array
    y: Array
    x_label: str
    y_label: str
    z_label: str


@dataclass(frozen=True)
class Panels:
    """The diagnostic plots of a candidate, ready to draw.

    Attributes
    ----------
    profile : ndarray of shape (n_bins,)
        Intensity over one turn.
    subints, subbands : Image or None
        Intensity over phase and time, and over phase and frequency.
    dm : Curve or None
        Significance over dispersion measure.
    plane : Image or None
        Significance over DM and period, or over period and its derivative.
    reduced_chi2 : float or None
        Of the profile against a constant, where the file allows to compute it.

    What the file does not have is None.
    """

    profile: Array
    subints: Image | None = None
    subbands: Image | None = None
    dm: Curve | None = None
    plane: Image | None = None
    reduced_chi2: float | None = None


@dataclass(frozen=True)
class Candidate(ABC):
    """A raw candidate.

    Attributes
    ----------
    kind : str
        ``phcx`` or ``pfd``.
    header : Header
        What the file says of it.
    profile : ndarray of shape (n_bins,)
        What the profile features are of.
    dm_curve : ndarray of shape (n_trials,) or None
        What the DM features are of; None without DM trials.
    other_kind : bool
        Whether its features are made of other data than those of HTRU2, so that a
        score by a model trained on HTRU2 is an extrapolation.
    notes : tuple of str
        What was decided about the file, for the user.
    """

    kind: ClassVar[str]
    header: Header
    profile: Array
    dm_curve: Array | None
    other_kind: bool
    notes: tuple[str, ...]

    def features(self) -> NDArray[np.float64]:
        """Compute the eight features.

        Returns
        -------
        ndarray of float64, shape (8,)
            In the order of `pulsar_ml.features.FEATURES`.

        Raises
        ------
        BadInput
            There is no DM curve, or one of the two arrays is constant.
        """
        if self.dm_curve is None:
            raise BadInput(NO_DM_TRIALS)
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.concatenate([moments(self.profile), moments(self.dm_curve)])
        for name, reason in CONSTANT.items():
            if values[FEATURES.index(name)] == 0:
                raise BadInput(f"features unavailable: {name} {reason}")
        for fault in faults(values[None]):
            name = FEATURES[fault.feature]
            raise BadInput(f"features unavailable: {name} {fault.reason}")
        return values

    def reduced_chi2(self) -> float | None:
        """Compute that of `panels`, without the rest of them.

        Returns
        -------
        float or None
            See `Panels`.

        Raises
        ------
        BadInput
            It would need values that no observation has.
        """
        return None

    @abstractmethod
    def panels(self) -> Panels:
        """Compute what the diagnostic plots show.

        Returns
        -------
        Panels
            Ready to draw.
        """
