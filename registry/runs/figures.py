"""The figures of runs: under which names they are kept, and how people call them."""

from collections.abc import Iterable
from typing import NamedTuple

from registry.card.figures import METRICS, SPLITS

# Those of which a list has a column.
LISTED = ("recall", "precision", "f1", "average_precision", "roc_auc")
_OTHERS = {"threshold": "Threshold", "seconds": "Seconds at work"}
_METRICS = list(METRICS.items())
_LESS_IS_BETTER = frozenset({"fpr", "brier"})


class Figure(NamedTuple):
    """One figure of a run."""

    key: str
    label: str
    # In words, what it was measured on; empty where that says nothing.
    of: str = ""

    @property
    def name(self) -> str:
        """Its whole name, where figures of several splits stand together."""
        return f"{self.label}, {self.of}" if self.of else self.label

    @property
    def better(self) -> int:
        """1 where more is better, -1 where less is; 0 where neither."""
        metric = self.key.rpartition(".")[2]
        if metric not in METRICS:
            return 0
        return -1 if metric in _LESS_IS_BETTER else 1


def figure(key: str) -> Figure:
    """A figure by the name under which it is kept."""
    split, _, metric = key.rpartition(".")
    label = METRICS[metric].label if metric in METRICS else _OTHERS.get(key, key)
    return Figure(key, label, SPLITS[split].label if split in SPLITS else "")


def splits() -> list[tuple[str, str]]:
    """What figures can be measured on, for a field to choose from."""
    return [(split, words.label) for split, words in SPLITS.items()]


def of_split(split: str, metrics: Iterable[str] = LISTED) -> list[Figure]:
    """Some figures of one split."""
    return [figure(f"{split}.{metric}") for metric in metrics]


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every figure under what it was measured on, for a field to choose from."""
    by_split = [
        (words.label, [(f"{split}.{key}", metric.label) for key, metric in _METRICS])
        for split, words in SPLITS.items()
    ]
    return [*by_split, ("of the run", list(_OTHERS.items()))]


def known() -> set[str]:
    """The names of all that can be chosen."""
    return {key for _, group in choices() for key, _ in group}
