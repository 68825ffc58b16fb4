"""How the values of a column lie, by class, on an axis on which both can be seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.stretch import STRETCHED

BINS = 40
# A positive quantity that reaches over more than this, as periods do, is told apart by
# its logarithm.
_WIDE = 50
_QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
_DIGITS = 6
_NOTHING = {
    "scale": "linear",
    "beyond": 0,
    "low": None,
    "high": None,
    "edges": [],
    "counts": {"0": [], "1": []},
    "quantiles": {"0": [], "1": []},
}


def histogram(
    name: str, values: NDArray[np.float64], labels: NDArray[np.int8]
) -> dict[str, Any]:
    """Count the values of a column in equal bins of its axis.

    Parameters
    ----------
    name : str
        Of the column.
    values : ndarray of shape (n_rows,)
        NaN where a value is missing.
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.

    Returns
    -------
    dict
        ``name``; ``scale``: ``linear``, ``asinh`` or ``log``; ``missing`` and
        ``beyond``: how many rows have no value, or one so far out that all others
        would be squeezed; ``low`` and ``high``, the extreme values, or None without
        any; ``edges`` of the 40 bins; and by class ``counts`` in the bins and
        ``quantiles``, at 1, 25, 50, 75 and 99 %.
    """
    known = ~np.isnan(values)
    found, classes = values[known], labels[known]
    about = {"name": name, "missing": int((~known).sum())}
    if not len(found):
        return {**about, **_NOTHING}
    scale = _scale(name, found)
    places = scaled(scale, found)
    first, last = _ends(places)
    inside = (places >= first) & (places <= last)
    edges = unscaled(scale, np.linspace(first, last, BINS + 1))
    return {
        **about,
        "scale": scale,
        "beyond": int((~inside).sum()),
        "low": _short(found.min()),
        "high": _short(found.max()),
        "edges": [_short(edge) for edge in edges],
        "counts": {
            str(label): _counts(places[inside & (classes == label)], first, last)
            for label in (0, 1)
        },
        "quantiles": {
            str(label): _quantiles(found[classes == label]) for label in (0, 1)
        },
    }


def scaled(scale: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say where values stand on an axis.

    Parameters
    ----------
    scale : str
        ``linear``, ``asinh`` or ``log``.
    values : ndarray
        Positive if the scale is logarithmic.

    Returns
    -------
    ndarray of float64
        Their places.
    """
    if scale == "log":
        return np.asarray(np.log10(values))
    return np.asarray(np.arcsinh(values) if scale == "asinh" else values)


def unscaled(scale: str, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say which values stand at these places of an axis.

    Parameters
    ----------
    scale : str
        ``linear``, ``asinh`` or ``log``.
    places : ndarray
        As `scaled` gives them.

    Returns
    -------
    ndarray of float64
        The values.
    """
    if scale == "log":
        return np.power(10.0, places)
    return np.asarray(np.sinh(places) if scale == "asinh" else places)


def _scale(name: str, values: NDArray[np.float64]) -> str:
    if name in STRETCHED:
        return "asinh"
    low = values.min()
    return "log" if low > 0 and values.max() > _WIDE * low else "linear"


def _ends(places: NDArray[np.float64]) -> tuple[float, float]:
    """Show everything, unless the middle 98 % would be less than a tenth of it."""
    first, low, high, last = np.quantile(places, (0, 0.01, 0.99, 1)).tolist()
    if last - first > 10 * (high - low) > 0:
        width = high - low
        first, last = max(first, low - width), min(last, high + width)
    if first == last:
        half = 0.5 + abs(first) * 0.05
        return first - half, last + half
    return first, last


def _counts(places: NDArray[np.float64], first: float, last: float) -> list[int]:
    counted, _ = np.histogram(places, BINS, (first, last))
    found: list[int] = counted.tolist()
    return found


def _quantiles(values: NDArray[np.float64]) -> list[float]:
    if not len(values):
        return []
    return [_short(value) for value in np.quantile(values, _QUANTILES)]


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
