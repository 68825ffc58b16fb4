"""PFD: folded observations as PRESTO's prepfold writes them, in either byte order."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import fold
from pulsar_ml.errors import BadInput
from pulsar_ml.fold import Fold
from pulsar_ml.formats import pfd_header
from pulsar_ml.formats.pfd_header import MAX_VALUE, PfdHeader
from pulsar_ml.formats.raw import (
    DM_LABEL,
    PHASE_LABEL,
    Candidate,
    Curve,
    Header,
    Image,
    Panels,
)

_NUMDATA, _PROF_VAR = 0, 5
_CHI2_LABEL = "Reduced χ²"
# Steps of the period-derivative plane along each axis, and what they may cost.
_PLANE_STEPS = 64
_PLANE_WORK = 2**26

recognises = pfd_header.recognises


class _Arrays(NamedTuple):
    dms: NDArray[np.float64]
    periods: NDArray[np.float64]
    pdots: NDArray[np.float64]
    profiles: NDArray[np.float64]
    stats: NDArray[np.float64]


@dataclass(frozen=True)
class Pfd(Candidate):
    """A candidate of a PFD file; its attributes are those of `Candidate`.

    The profile is the sum at the best DM, scaled to 0-255; the DM curve the reduced
    chi-square at 100 trial DMs. See `pulsar_ml.fold`.

    Attributes
    ----------
    fold : Fold
        The profiles by part and sub-band, and what is needed to align them.
    best : tuple of float or None
        The best period in seconds and its derivative, in the frame of the fold.
    doppler : float
        Mean velocity of the telescope towards the source over that of light.
    dms, periods_s, pdots : ndarray of shape (n,)
        The trials.
    """

    kind: ClassVar[str] = "pfd"
    fold: Fold
    best: tuple[float, float] | None
    doppler: float
    dms: NDArray[np.float64]
    periods_s: NDArray[np.float64]
    pdots: NDArray[np.float64]

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
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            left, right = self._turns()
            _, dispersed = fold.aligned(self.fold, left, right)
            return self._chi2(fold.rotated(dispersed, left).sum(axis=0))

    def panels(self) -> Panels:
        """Compute what the diagnostic plots show.

        Returns
        -------
        Panels
            Aligned by the best period, derivative and DM, as PRESTO does; the
            chi-squares are corrected for the correlation of bins.

        Raises
        ------
        BadInput
            They would need values that no observation has.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._panels()

    def _panels(self) -> Panels:
        left, right = self._turns()
        parts, dispersed = fold.aligned(self.fold, left, right)
        subbands = fold.rotated(dispersed, left)
        profile = subbands.sum(axis=0)
        phase = np.arange(len(profile)) / len(profile)
        several = len(subbands) > 1
        frequencies = self.fold.frequencies_mhz
        return Panels(
            profile,
            _intensity(parts, phase, self.fold.times_s, "Time (s)"),
            _intensity(subbands, phase, frequencies, "Frequency (MHz)")
            if several
            else None,
            self._dm(dispersed),
            self._plane(parts, right),
            self._chi2(profile),
        )

    def _turns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Bins to the left by sub-band and to the right by part that align all."""
        left = fold.shifts(self.fold, self.header.dm or 0.0, self.doppler)
        still = np.zeros(len(self.fold.times_s), dtype=np.int64)
        right = fold.drift_bins(self.fold, *self.best) if self.best else still
        return left, right

    def _chi2(self, profile: NDArray[np.float64]) -> float | None:
        found = fold.reduced_chi2(profile, *fold.expected(self.fold))
        corrected = float(found) / fold.dof_correction(self.fold)
        return corrected if np.isfinite(corrected) else None

    def _dm(self, dispersed: NDArray[np.float64]) -> Curve | None:
        if self.dm_curve is None:
            return None
        dms = fold.trial_dms(self.dms)
        curve = fold.dm_curve(dispersed, self.fold, dms, self.doppler)
        corrected = curve / fold.dof_correction(self.fold)
        return Curve(dms, corrected, DM_LABEL, _CHI2_LABEL)

    def _plane(
        self,
        parts: NDArray[np.float64],
        right: NDArray[np.int64],
    ) -> Image | None:
        if not (len(self.periods_s) > 1 and len(self.pdots) > 1):
            return None
        steps = int(np.clip((_PLANE_WORK / parts.size) ** 0.5, 8, _PLANE_STEPS))
        periods, pdots = _thinned(self.periods_s, steps), _thinned(self.pdots, steps)
        # Aligned parts are turned back: the plane's drifts are those of the fold.
        values = fold.plane(fold.rotated(parts, right), self.fold, periods, pdots)
        offsets = 1e6 * (periods - 1 / self.fold.frequency_hz)
        return Image(
            values / fold.dof_correction(self.fold),
            offsets,
            pdots,
            "Period − fold period (µs)",
            "Period derivative (s/s)",
            _CHI2_LABEL,
        )


def read(path: Path) -> Pfd:
    """Read one file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Pfd
        The candidate.

    Raises
    ------
    BadInput
        It is too large, damaged, or not as long as its header says.
    """
    with path.open("rb") as file:
        head = pfd_header.parse(file.read(pfd_header.HEADER_BYTES))
        # Compared before memory is taken for what the header says.
        _compare_sizes(head, path.stat().st_size)
        file.seek(head.arrays_at)
        numbers = np.fromfile(file, dtype=f"{head.order}f8")
    arrays = _arrays(head, numbers.astype(np.float64, copy=False))
    folded = _fold(head, arrays)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        profile, curve = _feature_arrays(head, arrays, folded)
    period, pdot = head.bary if head.barycentric else head.topo
    return Pfd(
        header=_header(head, arrays),
        profile=profile,
        dm_curve=curve,
        other_kind=True,
        notes=(),
        fold=folded,
        best=(period, pdot) if period > 0 else None,
        doppler=head.doppler,
        dms=arrays.dms,
        periods_s=arrays.periods,
        pdots=arrays.pdots,
    )


def _compare_sizes(head: PfdHeader, size: int) -> None:
    if head.size > pfd_header.MAX_BYTES:
        raise BadInput(f"is larger than {pfd_header.MAX_BYTES >> 20} MiB")
    if size != head.size:
        raise BadInput(
            f"is damaged: it has {size} bytes, and by its header {head.size}"
        )


def _arrays(head: PfdHeader, numbers: NDArray[np.float64]) -> _Arrays:
    counts = head.counts
    shape = (counts.parts, counts.subbands)
    bins = counts.parts * counts.subbands * counts.bins
    sizes = [counts.dms, counts.periods, counts.pdots, bins]
    dms, periods, pdots, profiles, stats = np.split(numbers, np.cumsum(sizes).tolist())
    stats = stats.reshape(*shape, pfd_header.N_STATS)
    # Only these two are used; the reduced chi-squares may well be NaN.
    used = (dms, periods, pdots, profiles, stats[..., [_NUMDATA, _PROF_VAR]])
    # Not by np.abs, which takes a copy of everything.
    if not all((a.min() > -MAX_VALUE and a.max() < MAX_VALUE) for a in used if a.size):
        raise BadInput("is damaged: it holds values that no observation has")
    if not (stats[..., _PROF_VAR].sum() > 0 and (periods > 0).all()):
        raise BadInput("is damaged: its variances or periods are impossible")
    return _Arrays(dms, periods, pdots, profiles.reshape(*shape, counts.bins), stats)


def _fold(head: PfdHeader, arrays: _Arrays) -> Fold:
    samples = arrays.stats[:, 0, _NUMDATA]
    per_band = head.counts.channels / head.counts.subbands
    bands = np.arange(1, head.counts.subbands + 1, dtype=np.float64)
    frequencies = head.low_mhz + head.channel_mhz * (per_band * bands - 1)
    if len(bands) > 1 and not (frequencies > 0).all():
        raise BadInput("is damaged: its frequencies are impossible")
    return Fold(
        profiles=arrays.profiles,
        variances=arrays.stats[..., _PROF_VAR],
        frequencies_mhz=frequencies,
        times_s=head.sample_s * (np.cumsum(samples) - samples),
        frequency_hz=head.folded[0],
        drift_hz_s=head.folded[1],
        sample_s=head.sample_s,
    )


def _feature_arrays(
    head: PfdHeader, arrays: _Arrays, folded: Fold
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    profile = fold.feature_profile(folded, head.dm)
    if head.counts.dms < 2 or head.counts.subbands == 1:
        return profile, None  # a folded time series: nothing to de-disperse
    dms = fold.trial_dms(arrays.dms)
    return profile, fold.dm_curve(arrays.profiles.sum(axis=0), folded, dms)


def _header(head: PfdHeader, arrays: _Arrays) -> Header:
    period, pdot = next(
        (found for found in (head.bary, head.topo) if found[0] > 0),
        (1 / head.folded[0], -head.folded[1] / head.folded[0] ** 2),
    )
    return Header(
        name=head.candidate,
        telescope=head.telescope,
        period_s=period,
        pdot=pdot,
        dm=head.dm,
        ra_deg=head.ra_deg,
        dec_deg=head.dec_deg,
        mjd=head.topo_mjd or head.bary_mjd or None,
        tobs_s=head.sample_s * float(arrays.stats[:, 0, _NUMDATA].sum()),
        centre_mhz=head.low_mhz + head.channel_mhz * (head.counts.channels - 1) / 2,
        bandwidth_mhz=head.channel_mhz * head.counts.channels,
    )


def _intensity(
    values: NDArray[np.float64],
    phase: NDArray[np.float64],
    y: NDArray[np.float64],
    label: str,
) -> Image:
    return Image(values, phase, y, PHASE_LABEL, label, "Intensity")


def _thinned(values: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """At most so many of them, the first and the last among them."""
    places = np.linspace(0, len(values) - 1, min(steps, len(values)))
    return np.asarray(values[places.round().astype(int)])
