"""Which split policies a dataset allows, as far as its description can tell."""

import json
from typing import Any, NamedTuple

from pulsar_ml.datasets.describe import SUMMARY
from registry.models import Dataset, TrainingRun
from registry.training.enough import lacks

Policy = TrainingRun.Policy


class Hint(NamedTuple):
    """What to know of a policy before it is chosen for a dataset; None: of any."""

    policy: Policy | None
    words: str
    is_impossible: bool = False


_NO_POINTING = (
    "No row has a pointing: rows are grouped by candidate alone, which is much the same"
    " as stratified folds."
)
_ONE_YEAR = "Impossible: it needs pointings of two years, and this dataset has {n}."


def hints(dataset: Dataset) -> list[Hint]:
    """What is to be said of the policies; nothing where all of them make sense."""
    try:
        summary: dict[str, Any] = json.loads((dataset.folder / SUMMARY).read_text())
    except (OSError, ValueError):
        return []  # the step that splits will say
    found = [Hint(None, few, is_impossible=True)] if (few := lacks(dataset)) else []
    if not summary["pointings"]["rows"]:
        found.append(Hint(Policy.GROUPED, _NO_POINTING))
    if (years := len(summary["years"])) < 2:
        words = _ONE_YEAR.format(n=years or "none")
        found.append(Hint(Policy.TIME, words, is_impossible=True))
    return found


def impossible(dataset: Dataset, policy: str) -> str:
    """Why the dataset cannot be split so; empty where it may be."""
    bad = (hint for hint in hints(dataset) if hint.is_impossible)
    return next((hint.words for hint in bad if hint.policy == policy), "")
