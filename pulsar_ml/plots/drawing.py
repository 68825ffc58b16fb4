"""What each panel shows, before any library draws it: the same for both."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.candidate import Array, Curve, Header, Image, Panels
from pulsar_ml.normalise import rows_alike

# A browser draws this many cells at once, and nobody sees more on such a panel.
_MOST_ROWS = 64
_MOST_BINS = 128
_MOST_TRIALS = 64
# Of intensities in units of the noise.
_FAINTEST, _QUIET, _SATURATED = -1.5, 4.0, 0.995


class Line(NamedTuple):
    """A curve: one value at each `x`, drawn as steps if they are phase bins."""

    title: str
    x: Array
    y: Array
    x_label: str
    y_label: str
    steps: bool
    mark: float | None


class Heat(NamedTuple):
    """A plane of colours from `low` to `high`; not finite is left blank."""

    title: str
    image: Image
    low: float
    high: float
    best: tuple[float, float] | None


def drawings(panels: Panels, header: Header) -> dict[str, Line | Heat]:
    """Prepare the panels that there are.

    Parameters
    ----------
    panels : Panels
        Of the candidate.
    header : Header
        Its dispersion measure is marked on the DM curve.

    Returns
    -------
    dict
        By the panel's name, in the order of drawing: ``profile``, ``subints``,
        ``subbands``, ``dm``, ``plane``. Everything against phase is drawn over two
        turns, so that no pulse is cut. Cells of planes are thinned in blocks to about
        64 by 64 (sub-integrations and sub-bands: 64 rows of 128 bins): intensities
        by their mean, a detection statistic by its maximum, so that no peak is lost.
    """
    drawn: dict[str, Line | Heat] = {"profile": _profile(panels.profile)}
    if panels.subints is not None:
        drawn["subints"] = _intensity("Sub-integrations", panels.subints)
    if panels.subbands is not None:
        drawn["subbands"] = _intensity("Sub-bands", panels.subbands)
    if panels.dm is not None:
        drawn["dm"] = _dm_curve(panels.dm, header.dm)
    if panels.plane is not None:
        drawn["plane"] = _plane(panels.plane)
    return drawn


def thinned(image: Image, rows: int, columns: int, *, peaks: bool) -> Image:
    """Join neighbouring cells until there are at most so many.

    Parameters
    ----------
    image : Image
        Of any size.
    rows, columns : int
        The most that stay.
    peaks : bool
        Whether the greatest value of a block stands for it, else their mean.

    Returns
    -------
    Image
        Each cell at the middle of its block.
    """
    join = np.fmax if peaks else np.add
    tall, wide = (
        _starts(n, most)
        for n, most in zip(image.values.shape, (rows, columns), strict=True)
    )
    values = join.reduceat(join.reduceat(image.values, tall, axis=0), wide, axis=1)
    high, broad = (
        np.diff([*starts, n])
        for starts, n in zip((tall, wide), image.values.shape, strict=True)
    )
    if not peaks:
        values = values / np.outer(high, broad)
    return image._replace(
        values=values,
        x=np.add.reduceat(image.x, wide) / broad,
        y=np.add.reduceat(image.y, tall) / high,
    )


def _ascending(image: Image) -> Image:
    """Highest frequency, latest time, greatest DM on top, as everybody draws them."""
    if image.y[-1] < image.y[0]:
        image = image._replace(values=image.values[::-1], y=image.y[::-1])
    if image.x[-1] < image.x[0]:
        image = image._replace(values=image.values[:, ::-1], x=image.x[::-1])
    return image


def _starts(n: int, most: int) -> NDArray[np.intp]:
    return np.arange(0, n, -(-n // most))


def _profile(profile: Array) -> Line:
    twice = np.tile(np.asarray(profile, dtype=np.float64), 2)
    phase = (np.arange(len(twice)) + 0.5) / len(profile)
    return Line(
        title="Profile",
        x=phase,
        y=twice,
        x_label="Phase (turns)",
        y_label="Intensity",
        steps=True,
        mark=None,
    )


def _intensity(title: str, image: Image) -> Heat:
    image = rows_alike(_ascending(image))
    image = thinned(image, _MOST_ROWS, _MOST_BINS, peaks=False)
    twice = image._replace(
        values=np.tile(image.values, 2), x=np.concatenate([image.x, image.x + 1])
    )
    # The brightest cells are left to saturate: one burst would darken all others. The
    # scale is not stretched to noise alone, which would look like something.
    seen = image.values[np.isfinite(image.values)]
    high = max(float(np.quantile(seen, _SATURATED)), _QUIET) if seen.size else _QUIET
    return Heat(title, twice, _FAINTEST, high, None)


def _dm_curve(curve: Curve, dm: float | None) -> Line:
    shown = dm is not None and curve.x.min() <= dm <= curve.x.max()
    return Line(
        title="Dispersion",
        x=curve.x,
        y=curve.y,
        x_label=curve.x_label,
        y_label=curve.y_label,
        steps=False,
        mark=dm if shown else None,
    )


def _plane(image: Image) -> Heat:
    image = _ascending(image)
    row, column = np.unravel_index(np.nanargmax(image.values), image.values.shape)
    best = (float(image.x[column]), float(image.y[row]))
    image = thinned(image, _MOST_TRIALS, _MOST_TRIALS, peaks=True)
    low, high = float(np.nanmin(image.values)), float(np.nanmax(image.values))
    return Heat("Trials", image, low, high, best)
