"""Whether a dataset has rows enough, as far as its counts can tell."""

from pulsar_ml.splits import FEWEST
from registry.models import Dataset


def lacks(dataset: Dataset) -> str:
    """What it has too little of; empty where the steps will see further.

    They count pointings, and leave the sentinels of that day out besides.
    """
    rows, held = dataset.n_rows - dataset.n_holdout, dataset.n_holdout_pulsars
    pulsars = dataset.n_pulsars - held
    of_each = {
        "to learn from": (pulsars, rows - pulsars),
        "in the hold-out": (held, dataset.n_holdout - held),
    }
    few = [
        f"{ours:,} pulsar{'s' * (ours != 1)} and {others:,} others {where}"
        for where, (ours, others) in of_each.items()
        if min(ours, others) < FEWEST
    ]
    if not few:
        return ""
    return (
        f"Dataset {dataset.number} has {', and '.join(few)}; of each, at least"
        f" {FEWEST} are needed."
    )
