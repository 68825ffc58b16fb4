"""Which features a version leans on."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pulsar_ml.explain import NAMES

Json = Mapping[str, Any]


class Weight(NamedTuple):
    """A feature, what it is worth by two measures, and how long their bars are."""

    feature: str
    words: str
    permutation: Mapping[str, float] | None
    permutation_share: float
    shapley: float | None
    shapley_share: float


def importance(evaluation: Json) -> list[Weight]:
    """Every feature, that first without which most is lost."""
    found = evaluation["importance"]
    permutation = {each["feature"]: each for each in found["permutation"]}
    shapley = {each["feature"]: each["value"] for each in found["shapley"]}
    most_lost = max((each["value"] for each in permutation.values()), default=0)
    most_moved = max(shapley.values(), default=0)
    weights = [
        Weight(
            feature,
            _words(feature),
            permutation.get(feature),
            _part(permutation.get(feature, {}).get("value", 0), most_lost),
            shapley.get(feature),
            _part(shapley.get(feature, 0), most_moved),
        )
        for feature in dict.fromkeys([*permutation, *shapley])
    ]
    return sorted(weights, key=_lost, reverse=True)


def _lost(weight: Weight) -> tuple[float, float]:
    lost = weight.permutation["value"] if weight.permutation else 0.0
    return lost, weight.shapley or 0.0


def _words(feature: str) -> str:
    words = NAMES.get(feature, feature).removeprefix("the ")
    return words[0].upper() + words[1:]


def _part(value: float, most: float) -> float:
    """Per cent of the greatest; what is lost by chance alone has no bar."""
    return round(max(0.0, 100 * value / most), 1) if most > 0 else 0.0
