"""The maps that a version has of its training rows, as outlines to draw."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.features import FEATURES
from pulsar_ml.stretch import stretch

GRID = 40
# Characters of a cell, from nothing to the densest.
LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Points between two of the map: its own would make an angular outline.
_FINER = 4
_DIGITS = 5


Ring = list[tuple[float, float]]


class Outline(NamedTuple):
    """The smallest region that holds a share of a class.

    Attributes
    ----------
    pulsars : bool
        Whether of the pulsars or of the others.
    share : float
        Of the class's rows.
    rings : list of Ring
        Closed lines of places on both axes; what lies within an odd number of them
        is inside.
    """

    pulsars: bool
    share: float
    rings: list[Ring]


def outlines(reference: Mapping[str, Any], x: str, y: str) -> list[Outline]:
    """Draw where both classes of the training rows lie.

    Parameters
    ----------
    reference : mapping
        What reference.json says.
    x, y : str
        Two features.

    Returns
    -------
    list of Outline
        The others' before the pulsars', wide before narrow; none if the version has
        no maps.
    """
    maps = _maps(reference, x, y)
    axes = [_axis(reference, name) for name in (x, y)]
    return [
        Outline(label == "1", float(share), _rings(_turned(found, x, y), edge, *axes))
        for label, found in sorted(maps.items())
        for share, edge in sorted(found["contours"].items(), reverse=True)
    ]


def apart(reference: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Order the pairs of features by how little the classes overlap.

    Parameters
    ----------
    reference : mapping
        What reference.json says.

    Returns
    -------
    list of tuple of str
        Pairs, the one that separates best first; none if the version has no maps.
    """
    if "densities" not in reference:
        return []
    pairs = list(combinations(FEATURES, 2))
    return sorted(pairs, key=lambda pair: _overlap(_maps(reference, *pair)))


def _maps(reference: Mapping[str, Any], x: str, y: str) -> Mapping[str, Any]:
    first, second = sorted((x, y), key=FEATURES.index)
    found: Mapping[str, Any] = reference.get("densities", {}).get(
        f"{first} {second}", {}
    )
    return found


def _overlap(maps: Mapping[str, Any]) -> float:
    shares = [_levels(maps[label]["cells"]) ** 2.0 for label in ("0", "1")]
    return float(np.minimum(*(share / share.sum() for share in shares)).sum())


def _levels(cells: list[str]) -> NDArray[np.intp]:
    written = np.frombuffer("".join(cells).encode("ascii"), dtype=np.uint8)
    known = np.frombuffer(LEVELS.encode("ascii"), dtype=np.uint8)
    return np.asarray(np.searchsorted(known, written).reshape(GRID, GRID))


def _turned(found: Mapping[str, Any], x: str, y: str) -> NDArray[np.float64]:
    """Read levels by place on y and on x; the highest is 1."""
    levels = _levels(found["cells"]) / (len(LEVELS) - 1)
    return levels if FEATURES.index(x) < FEATURES.index(y) else levels.T


def _axis(reference: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    """Span an axis: middles of cells and of one more at either end, and between."""
    low, high = stretch(name, reference["ranges"][name])
    half = (high - low) / GRID / 2
    return np.linspace(low - half, high + half, (GRID + 1) * _FINER + 1)


def _rings(
    levels: NDArray[np.float64],
    edge: float,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> list[Ring]:
    import contourpy  # noqa: PLC0415  a page without maps does without

    # With nothing around it each line closes.
    finer = _finer(_finer(np.pad(levels, 1)).T).T
    lines: list[NDArray[np.float64]] = contourpy.contour_generator(
        x, y, finer, line_type=contourpy.LineType.Separate
    ).lines(edge)  # type: ignore[assignment]  # as this type of lines is
    return [
        [(float(f"{a:.{_DIGITS}g}"), float(f"{b:.{_DIGITS}g}")) for a, b in line]
        for line in lines
    ]


def _finer(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """More lines: cubics through neighbouring ones (Catmull & Rom 1974).

    Not as one product of matrices, for which numpy would wake all cores.
    """
    last = len(lines) - 1
    places = np.linspace(0, last, last * _FINER + 1)
    before = np.minimum(places.astype(int), last - 1)
    t = places - before
    weights = (
        (-(t**3) + 2 * t**2 - t) / 2,
        (3 * t**3 - 5 * t**2 + 2) / 2,
        (-3 * t**3 + 4 * t**2 + t) / 2,
        (t**3 - t**2) / 2,
    )
    finer = np.zeros((len(places), lines.shape[1]))
    for offset, weight in enumerate(weights, -1):
        finer += weight[:, None] * lines[np.clip(before + offset, 0, last)]
    return finer
