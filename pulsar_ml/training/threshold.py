"""Step threshold: from which score on a candidate is called a pulsar."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import thresholds
from pulsar_ml.thresholds import Thresholds
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows
from pulsar_ml.training.steps import Say

THRESHOLD = "threshold.json"


def run(folder: Path, say: Say) -> None:
    """Choose the thresholds of the model and of the baseline.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        Is told how much is done, of how much, and what is at work.
    """
    recall = plans.read(folder).recall
    say(0, 1, f"choosing the thresholds that find {recall:.0%} of the pulsars")
    unseen = files.read_arrays(folder / "out_of_fold.npz")
    labels = rows.loaded(folder).labels[unseen["row"]]
    chosen: dict[str, Any] = {
        **_chosen(labels, unseen["score"], recall),
        "rule": thresholds.RULE.format(recall=recall),
        "baseline": None,
    }
    if "baseline_score" in unseen:
        chosen["baseline"] = _chosen(labels, unseen["baseline_score"], recall)
    files.write_json(folder / THRESHOLD, chosen)
    say(1, 1, "the thresholds are chosen")


def read(said: dict[str, Any]) -> Thresholds:
    """Take thresholds out of what the step wrote.

    Parameters
    ----------
    said : dict
        ``threshold.json``, or what it says of the baseline.

    Returns
    -------
    Thresholds
        Both.
    """
    return Thresholds(said["threshold"], said["threshold_f1"])


def _chosen(
    labels: NDArray[np.int8], scores: NDArray[np.float64], recall: float
) -> dict[str, float]:
    at = thresholds.choose(labels, scores, recall)
    return {"threshold": at.shipped, "threshold_f1": at.f1}
