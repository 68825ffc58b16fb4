"""A card's figures, in the order and words in which people read them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

# Which evaluations a card holds, and what each of them asks.
_SPLITS = {
    "holdout": "hold-out",
    "stratified": "stratified folds",
    "grouped": "grouped by pointing",
    "time": "later year",
}
_METRICS = {
    "recall": "Recall",
    "precision": "Precision",
    "f1": "F1",
    "g_mean": "G-mean",
    "fpr": "False-positive rate",
    "accuracy": "Accuracy",
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "brier": "Brier score",
}


class Line(NamedTuple):
    """One metric under every split; a split without it has None."""

    label: str
    values: list[Mapping[str, float] | None]


class Figures(NamedTuple):
    """A table of metrics by split."""

    splits: list[str]
    lines: list[Line]


def figures(card: Mapping[str, Any]) -> Figures:
    """The metrics at the shipped threshold."""
    metrics = card["metrics"]
    present = [split for split in _SPLITS if split in metrics]
    lines = [
        Line(label, [metrics[split].get(metric) for split in present])
        for metric, label in _METRICS.items()
    ]
    return Figures([_SPLITS[split] for split in present], lines)
