"""Axes on which both noise and pulsars can be seen: some features are stretched."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pulsar_ml.features import FEATURES

# The kurtosis of a pulsar may be hundreds, that of noise is about 0, often below:
# asinh is even near 0 and logarithmic far from it (Lupton et al. 1999, AJ 118, 1406).
STRETCHED = frozenset(FEATURES) - {"prof_mean", "prof_std", "dm_std"}
_TICKS = 9
# Steps between ticks on a straight axis; on a stretched one, what stands before zeros,
# the more wanted first.
_STEPS, _DIGITS = (1, 2, 5, 10), (1, 5, 2)


def stretch(feature: str, values: ArrayLike) -> NDArray[np.float64]:
    """Say where values stand on the axis of a feature.

    Parameters
    ----------
    feature : str
        Of `pulsar_ml.features.FEATURES`.
    values : array_like
        Of this feature.

    Returns
    -------
    ndarray of float64
        Their places: asinh of the values where the feature is stretched, else the
        values.
    """
    plain = np.asarray(values, dtype=np.float64)
    return np.arcsinh(plain) if feature in STRETCHED else plain


def unstretch(feature: str, places: ArrayLike) -> NDArray[np.float64]:
    """Say which values stand at these places of a feature's axis.

    Parameters
    ----------
    feature : str
        Of `pulsar_ml.features.FEATURES`.
    places : array_like
        As `stretch` gives them.

    Returns
    -------
    ndarray of float64
        The values.
    """
    plain = np.asarray(places, dtype=np.float64)
    return np.sinh(plain) if feature in STRETCHED else plain


def ticks(feature: str, low: float, high: float) -> list[float]:
    """Choose round values to write along an axis.

    Parameters
    ----------
    feature : str
        Of `pulsar_ml.features.FEATURES`.
    low, high : float
        Where the axis begins and ends, as values.

    Returns
    -------
    list of float
        Ten at most, rising, none too near to another on the axis.
    """
    first, last = map(float, stretch(feature, [low, high]))
    apart = (last - first) / _TICKS
    chosen: list[float] = []
    for value in _wanted(feature, low, high):
        place = float(stretch(feature, value))
        if all(abs(place - float(stretch(feature, c))) >= apart for c in chosen):
            chosen.append(value)
    return sorted(chosen)


def _wanted(feature: str, low: float, high: float) -> Iterator[float]:
    """Round values within, the more wanted first."""
    if feature in STRETCHED and not _is_short(low, high):
        top = math.ceil(math.log10(max(abs(low), abs(high))))
        signed = (
            sign * digit * 10.0**power
            for digit in _DIGITS
            for power in range(top + 1)
            for sign in (1, -1)
        )
        yield from (value for value in (0.0, *signed) if low <= value <= high)
        return
    rough = (high - low) / _TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(s * unit for s in _STEPS if s * unit >= rough * (1 - 1e-9))
    for count in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield float(f"{count * step:.12g}")


def _is_short(low: float, high: float) -> bool:
    """Whether an axis is too short for powers of ten."""
    least = 0 if low <= 0 <= high else min(abs(low), abs(high))
    return max(abs(low), abs(high)) < max(5, 8 * least)
