"""A row as its page shows it: why it has its score, and how it compares."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pulsar_ml.explain import NAMES, Reason, Shapley, reasons, shapley
from pulsar_ml.features import FEATURES
from pulsar_ml.serving import WIDENED, Scorer

# Units of the drawings; the page stretches them.
BAR_WIDTH = 200
STRIP_WIDTH, STRIP_HEIGHT = 240, 44
# What lies beyond the histogram has a place of its own at either end.
_END = 12
# A thinner line could not be seen.
_LEAST_BAR = 0.5


class Bar(NamedTuple):
    """One reason and its bar, from the middle to the side it speaks for."""

    reason: Reason
    x: float
    width: float


class Explanation(NamedTuple):
    """The log-odds of a score, taken apart."""

    base: float
    log_odds: float
    bars: list[Bar]


class Strip(NamedTuple):
    """One feature of a row, before those of both classes of the training rows."""

    label: str
    value: float
    x: float
    others: str
    pulsars: str
    typical_other: float
    typical_pulsar: float
    mark: str
    beyond: str


def explanation(scorer: Scorer, features: Sequence[float]) -> Explanation:
    """What each feature added to the score, the weightiest first."""
    row = np.asarray(features, dtype=np.float64)
    explained = shapley(scorer, row)
    return Explanation(explained.base, explained.log_odds, _bars(row, explained))


def strips(reference: Mapping[str, Any], features: Sequence[float]) -> list[Strip]:
    """Each feature against both classes of the training rows."""
    return [
        _strip(reference, name, value)
        for name, value in zip(FEATURES, features, strict=True)
    ]


def _bars(
    row: "np.ndarray[Any, np.dtype[np.float64]]", explained: Shapley
) -> list[Bar]:
    found = reasons(row, explained)
    scale = BAR_WIDTH / 2 / max(abs(found[0].contribution), 1.0)
    bars = []
    for reason in found:
        width = max(abs(reason.contribution) * scale, _LEAST_BAR)
        middle = BAR_WIDTH / 2
        x = middle if reason.contribution > 0 else middle - width
        bars.append(Bar(reason, round(x, 1), round(width, 1)))
    return bars


def _strip(reference: Mapping[str, Any], name: str, value: float) -> Strip:
    others, pulsars = (reference["classes"][label][name] for label in ("0", "1"))
    low, high = reference["box"][name]
    words = NAMES[name].removeprefix("the ")
    beyond = "below" if value < low else "above" if value > high else ""
    return Strip(
        label=words[0].upper() + words[1:],
        value=value,
        x=_place(value, low, high),
        others=_outline(others),
        pulsars=_outline(pulsars),
        typical_other=others["quantiles"]["0.5"],
        typical_pulsar=pulsars["quantiles"]["0.5"],
        mark=_mark(reference["ranges"][name], beyond, value),
        beyond=beyond,
    )


def _place(value: float, low: float, high: float) -> float:
    if value < low:
        return _END / 2
    if value > high:
        return STRIP_WIDTH - _END / 2
    share = (value - low) / (high - low) if high > low else 0.5
    return round(_END + share * (STRIP_WIDTH - 2 * _END), 1)


def _mark(limits: tuple[float, float], beyond: str, value: float) -> str:
    least, greatest = limits
    slack = WIDENED * (greatest - least)
    if not least - slack <= value <= greatest + slack:
        return "extrapolation"
    return "unusual" if beyond else ""


def _outline(histogram: Mapping[str, Any]) -> str:
    """The path around a class's bars; heights grow with the root of the count."""
    counts = np.array([histogram["below"], *histogram["counts"], histogram["above"]])
    heights = STRIP_HEIGHT * (1 - np.sqrt(counts / max(counts.max(), 1)))
    inner = np.linspace(_END, STRIP_WIDTH - _END, len(counts) - 1)
    edges = [0.0, *inner, float(STRIP_WIDTH)]
    steps = " ".join(
        f"V{height:.1f} H{edge:.1f}"
        for height, edge in zip(heights, edges[1:], strict=True)
    )
    return f"M0 {STRIP_HEIGHT} {steps} V{STRIP_HEIGHT} Z"
