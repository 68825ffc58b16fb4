"""The figures of a training by name, for lists, charts and comparisons."""

from collections.abc import Mapping
from typing import Any

from django.utils.timezone import now

from registry.models import TrainingRun


def figures(run: TrainingRun, card: Mapping[str, Any]) -> dict[str, float]:
    """Such as ``holdout.recall``: what is on the card, the threshold, the seconds."""
    begun = run.started_at or now()
    return {
        **measured(card),
        "threshold": card["threshold"],
        # A clock may be put back meanwhile.
        "seconds": max(0.0, round((now() - begun).total_seconds(), 1)),
    }


def measured(card: Mapping[str, Any]) -> dict[str, float]:
    """Those that a card tells of the version itself, split by split."""
    return {
        f"{split}.{name}": value["value"]
        for split, report in card["metrics"].items()
        for name, value in report.items()
        if isinstance(value, Mapping) and value.get("value") is not None
    }


def chosen(card: Mapping[str, Any]) -> dict[str, Any]:
    """With which parameters it learned in the end, set, searched or by default."""
    return dict(card["parameters"])
