"""Step split: set the hold-out and the sentinels aside, and cut the rest."""

from pathlib import Path
from typing import Any

import numpy as np

from pulsar_ml import splits
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.splits import Fold
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows
from pulsar_ml.training.plan import Plan
from pulsar_ml.training.steps import Say

_NO_TIME = (
    "Needs rows of two years: of each class, {fewest} from different pointings in the"
    " last year, and as many before it."
)


def run(folder: Path, say: Say) -> None:
    """Leave the side of each row, and the folds of each policy.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        See `pulsar_ml.training.steps`.

    Raises
    ------
    BadInput
        If the chosen policy is impossible with these rows.
    """
    plan = plans.read(folder)
    say(0, 1, "cutting the rows")
    table = holdout.bar(rows.loaded(folder), plan.sentinels)
    trained = holdout.trainable(table)
    cuts = _cuts(trained, plan)
    why = {name: "" if cut else _why_not(name) for name, cut in cuts.items()}
    if why[plan.policy]:
        raise BadInput(f"{table.name} cannot be split by time: {why[plan.policy]}")
    by_policy = {n: rows.packed(cut, len(trained)) for n, cut in cuts.items() if cut}
    sides = {"holdout": table.holdout, "sentinel": table.sentinel}
    files.write_arrays(folder / "split.npz", {**sides, **by_policy})
    counts = {
        "trained": _count(trained),
        "holdout": _count(table.take(table.holdout)),
        "sentinels": _count(table.take(table.sentinel)),
        "policies": {
            name: {"folds": len(cut), "why": why[name]} for name, cut in cuts.items()
        },
    }
    files.write_json(folder / "split.json", counts)


def _cuts(table: Labelled, plan: Plan) -> dict[str, list[Fold]]:
    labels, folds, seed = table.labels, plan.parts, plan.seed
    return {
        "stratified": list(splits.stratified(labels, folds, seed)),
        "grouped": list(splits.grouped(labels, table.groups, folds, seed)),
        "time": list(splits.by_time(labels, table.pointings)),
    }


def _why_not(policy: str) -> str:
    return _NO_TIME.format(fewest=splits.FEWEST) if policy == "time" else ""


def _count(table: Labelled) -> dict[str, Any]:
    pointings = table.pointings[table.pointings != ""]
    return {
        "rows": len(table),
        "pulsars": table.pulsars,
        "groups": int(np.unique(table.groups).size),
        "pointings": int(np.unique(pointings).size),
    }
