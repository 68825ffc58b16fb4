"""Judge two versions on rows that neither was trained on, or say why not."""

from typing import Any

import numpy as np

from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.evaluation.contenders import Contender, nobody_knows
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.serving import Graph, Scorer
from pulsar_ml.thresholds import Thresholds

# With fewer, one pulsar more or less would decide which version is the better.
FEWEST_PULSARS = 100


def beside(
    champion: Scorer,
    name: str,
    table: Labelled,
    *,
    ours: Graph,
    at: Thresholds,
    seed: int = 0,
) -> dict[str, Any]:
    """Judge a new model and the champion by the same rows.

    Parameters
    ----------
    champion : Scorer
        The version in production.
    name : str
        What people call it, such as ``pulsar/2``.
    table : Labelled
        All rows of the dataset, hold-out and sentinels marked.
    ours, at : Graph, Thresholds
        The new model, trained on what the table has to train on.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        With name; rows and pulsars that neither was trained on; report, the
        champion's, and ours, each at its own thresholds; both None where there are
        fewer than 100 pulsars, or it is not known what the champion was trained on,
        and why.
    """
    # By hash: the same candidate may stand in a table twice.
    trained_on = champion.trained_on() | set(holdout.trainable(table).hashes)
    rows = table.take(~np.isin(table.hashes, sorted(trained_on)))
    unknown = nobody_knows(Contender(name, champion))
    if unknown:
        # Any row may be one that it learned from.
        rows = rows.take(np.zeros(len(rows), dtype=np.bool_))
    counts = {"name": name, "rows": len(rows), "pulsars": rows.pulsars}
    if why := unknown or too_few(rows):
        return {**counts, "report": None, "ours": None, "why": why}
    evaluator = Evaluator(seed=seed)
    theirs = Thresholds(champion.threshold, champion.card["threshold_f1"])
    return {
        **counts,
        "report": evaluator.on_unseen(
            Scored(rows.labels, champion.score(rows.features), theirs), rows.groups
        ),
        "ours": evaluator.on_unseen(
            Scored(rows.labels, ours.score(rows.features), at), rows.groups
        ),
        "why": "",
    }


def too_few(rows: Labelled) -> str:
    """Say why two versions cannot be judged by these rows.

    Parameters
    ----------
    rows : Labelled
        Those that neither was trained on.

    Returns
    -------
    str
        A sentence with the number there is; empty where the rows suffice.
    """
    if rows.pulsars < FEWEST_PULSARS:
        return (
            f"Neither was trained on {rows.pulsars:,} of the pulsars;"
            f" {FEWEST_PULSARS} are needed to compare two versions."
        )
    if rows.pulsars == len(rows):
        return "All rows that neither was trained on are pulsars."
    return ""
