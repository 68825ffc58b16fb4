"""Write a simulated observation as PHCX, laid out like the files of HTRU 2."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.simulation import search
from pulsar_ml.simulation.observe import Observation
from pulsar_ml.simulation.sky import Place

# A search reports no weaker trial.
THRESHOLD = 6.0
# A candidate of noise was listed only because something had to be.
_LISTED = 0.93
_N_BANDS = 16
_PS = 1e12
_LINE = 80  # digits


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
        XML with the sections ``FFT`` and ``FFT-pdmpd``, as described in
        docs/simulation.md.
    """
    receiver = seen.receiver
    sections = _searched(seen), _refined(seen)
    text = f"""<?xml version='1.0'?>
<phcf>
\t<head>
\t\t<SourceID>{escape(place.name)}</SourceID>
\t\t<Telescope>{escape(receiver.telescope)} (simulated)</Telescope>
\t\t<Coordinate>
\t\t\t<RA units='degrees'>{place.ra_deg:.6f}</RA>
\t\t\t<Dec units='degrees'>{place.dec_deg:.6f}</Dec>
\t\t\t<Epoch>J2000</Epoch>
\t\t</Coordinate>
\t\t<CentreFreq units='MHz'>{receiver.centre_mhz:.6f}</CentreFreq>
\t\t<BandWidth units='MHz'>{-receiver.bandwidth_mhz:.6f}</BandWidth>
\t\t<MjdStart>{place.mjd:.6f}</MjdStart>
\t\t<ObservationLength units='seconds'>{receiver.length_s:.6f}</ObservationLength>
\t</head>
{"".join(sections)}</phcf>
"""
    return text.encode("ascii")


def feature_arrays(
    seen: Observation,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give what the features of the written file are of, without writing it.

    Parameters
    ----------
    seen : Observation
        Signal and noise.

    Returns
    -------
    tuple of ndarray of uint8
        The refined profile, of shape (n_bins,), and the DM curve of the search, of
        shape (1196,), both scaled to 0-255.
    """
    aligned = seen.aligned(seen.found.dm, seen.found.drift).sum(axis=(0, 1))
    return _scaled(search.folded(aligned, seen.n_bins)), _scaled(_listed(seen.dm_curve))


def _listed(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Set to zero what a search does not report."""
    return np.where(curve >= min(THRESHOLD, _LISTED * curve.max()), curve, 0)


def _searched(seen: Observation) -> str:
    dms = search.trial_dms()
    curve = seen.dm_curve
    best = int(curve.argmax())
    values = _best_values(seen.period_s, float(dms[best]), float(curve[best]), -1)
    arrays = _folds(seen, float(dms[best]), 0)
    trials = _index("PeriodIndex", [seen.period_s], "16.12f") + _index("DmIndex", dms)
    return _section("FFT", values + arrays, trials, _listed(curve))


def _refined(seen: Observation) -> str:
    found = seen.found
    periods = 1 / (1 / seen.period_s - found.drifts / seen.receiver.length_s)
    offsets = (periods - seen.period_s) * _PS
    best = periods[np.flatnonzero(found.drifts == found.drift)[0]]
    values = _best_values(best, found.dm, found.snr, found.width)
    arrays = _folds(seen, found.dm, found.drift)
    trials = _index("PeriodIndex", offsets, "16.12f") + _index("DmIndex", found.dms)
    return _section("FFT-pdmpd", values + arrays, trials, found.snrs)


def _section(name: str, body: str, trials: str, snrs: NDArray[np.float64]) -> str:
    acceleration = _index("AccnIndex", [0.0]) + _index("JerkIndex", [0.0])
    block = _tag("DataBlock", _scaled(snrs), "", snrs)
    return (
        f"\t<Section name='{name}'>\n{body}\t\t<SnrBlock>\n{trials}{acceleration}"
        f"{block}\t\t</SnrBlock>\n\t</Section>\n"
    )


def _best_values(period_s: float, dm: float, snr: float, width: float) -> str:
    # On the ground, as the whole observation is: barycentric and topocentric agree.
    return f"""\t\t<BestValues>
\t\t\t<TopoPeriod units='seconds'>{period_s:.14f}</TopoPeriod>
\t\t\t<BaryPeriod units='seconds'>{period_s:.14f}</BaryPeriod>
\t\t\t<Dm>{dm:.6f}</Dm>
\t\t\t<Accn units='m/s/s'>0.000000</Accn>
\t\t\t<Jerk units='m/s/s/s'>0.000000</Jerk>
\t\t\t<Snr>{snr:.6f}</Snr>
\t\t\t<Width>{width:.6f}</Width>
\t\t</BestValues>
\t\t<SampleRate>-1.000000</SampleRate>
"""


def _folds(seen: Observation, dm: float, drift: float) -> str:
    """Sub-integrations, sub-bands (the highest first) and profile."""
    cube = search.folded(seen.aligned(dm, drift), seen.n_bins)
    subints = cube.sum(axis=1)
    by_two = cube.sum(axis=0)[::-1].reshape(_N_BANDS, -1, seen.n_bins)
    subbands = by_two.sum(axis=1)
    profile = subints.sum(axis=0) / seen.sigma
    size = f" nBins='{seen.n_bins}'"
    unit = np.array([0.0, 1.0])
    return (
        _tag("SubIntegrations", _by_row(subints), f"{size} nSub='{len(subints)}'", unit)
        + _tag("SubBands", _by_row(subbands), f"{size} nSub='{len(subbands)}'", unit)
        + _tag("Profile", _scaled(profile), size, profile)
    )


def _by_row(rows: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.stack([_scaled(row) for row in rows])


def _scaled(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """To 0-255; all zero if constant, as a dead sub-band is."""
    span = np.ptp(values) or 1.0
    return np.asarray(np.rint(255 * (values - values.min()) / span), dtype=np.uint8)


def _tag(
    name: str, values: NDArray[np.uint8], sizes: str, scale: NDArray[np.float64]
) -> str:
    digits = values.tobytes().hex().upper()
    lines = "\n".join(digits[i : i + _LINE] for i in range(0, len(digits), _LINE))
    return (
        f"\t\t<{name}{sizes} format='02X' min='{scale.min():.6f}' "
        f"max='{scale.max():.6f}'>\n{lines}\t\t</{name}>\n"
    )


def _index(name: str, values: Iterable[float], style: str = "6.4f") -> str:
    lines = [format(value, style) for value in values]
    return (
        f"\t\t\t<{name} nVals='{len(lines)}' format='{style}'>\n"
        + "\n".join(lines)
        + f"\n\t\t\t</{name}>\n"
    )
