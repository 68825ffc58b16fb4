"""How each number of a dataset lies, by class: a small drawing of each."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

# The drawing's own units; the template has them too.
WIDTH, HEIGHT = 240, 92


class Histogram(NamedTuple):
    """A column's name, its two outlines, and what stands around them."""

    name: str
    label: str
    scale: str
    others: str
    pulsars: str
    ends: list[str]  # of the axis, and its middle between them
    medians: list[str]  # of the pulsars and of the others
    missing: int
    beyond: int


def histograms(
    columns: Sequence[Mapping[str, Any]], labels: Mapping[str, str]
) -> list[Histogram]:
    """A drawing for each column that has values."""
    return [_histogram(column, labels) for column in columns if column["edges"]]


def _histogram(column: Mapping[str, Any], labels: Mapping[str, str]) -> Histogram:
    name, scale, edges = column["name"], column["scale"], column["edges"]
    middle = (len(edges) - 1) // 2
    return Histogram(
        name,
        labels.get(name, name),
        scale,
        _path(column["counts"]["0"]),
        _path(column["counts"]["1"]),
        [_written(edges[place]) for place in (0, middle, -1)],
        [_median(column, label) for label in ("1", "0")],
        column["missing"],
        column["beyond"],
    )


def _median(column: Mapping[str, Any], label: str) -> str:
    quantiles = column["quantiles"][label]
    return _written(quantiles[len(quantiles) // 2]) if quantiles else "\u2013"


def _written(value: float) -> str:
    return f"{value:.4g}".replace("-", "\u2212")


def _path(counts: Sequence[int]) -> str:
    """Bars as one outline; as for candidates, heights grow with the root."""
    most = math.sqrt(max(counts, default=0))
    if not most:
        return ""
    wide = WIDTH / len(counts)
    steps = (
        f"V{HEIGHT - HEIGHT * math.sqrt(n) / most:.1f}H{wide * (place + 1):.1f}"
        for place, n in enumerate(counts)
    )
    return f"M0 {HEIGHT}{''.join(steps)}V{HEIGHT}Z"
