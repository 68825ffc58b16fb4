"""Which parameters rank pulsars best, asked of the rows that may be trained on."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.metrics import of_ranking
from pulsar_ml.model import Model
from pulsar_ml.splits import Fold
from pulsar_ml.training import parameters
from pulsar_ml.training.plan import Plan

# So many sets are tried in a rehearsal.
_REHEARSED = 2


def candidates(plan: Plan) -> list[dict[str, Any]]:
    """List the sets of parameters that are to be tried.

    Parameters
    ----------
    plan : Plan
        Of the training.

    Returns
    -------
    list of dict
        What differs from the defaults; just one where nothing is searched.

    Raises
    ------
    BadInput
        If they are too many, or one cannot be.
    """
    given = [*plan.parameters.items()]
    tried = [(name, value) for name in plan.search for value in plan.search[name]]
    for name, value in given + tried:
        parameters.of(plan.algorithm, name).check(value)
    if parameters.candidates(plan.search) > plan.max_candidates:
        raise BadInput(
            f"A search of {parameters.candidates(plan.search):,} sets of parameters was"
            f" asked for; {plan.max_candidates:,} may be tried."
        )
    sets = [
        {**plan.parameters, **dict(zip(plan.search, values, strict=True))}
        for values in product(*plan.search.values())
    ]
    return sets[:_REHEARSED] if plan.rehearsal else sets


def judge(
    plan: Plan,
    chosen: Mapping[str, Any],
    table: Labelled,
    cuts: Sequence[Fold],
    begin: Callable[[str], object],
) -> dict[str, Any]:
    """Say how well one set of parameters ranks rows that it has not seen.

    Parameters
    ----------
    plan : Plan
        Of the training.
    chosen : mapping
        The set.
    table : Labelled
        Rows that may be trained on.
    cuts : sequence of Fold
        Of the chosen policy.
    begin : callable
        Is told before each fit what it is.

    Returns
    -------
    dict
        The parameters, and average_precision: its mean over the folds.
    """
    words = ", ".join(f"{name} {value:g}" for name, value in chosen.items())
    found = []
    for cut in cuts:
        begin(f"{plan.algorithm}: trying {words}")
        # A calibration keeps the order of the scores.
        model = Model(
            plan.algorithm, chosen, folds=0, seed=plan.seed, jobs=plan.threads
        )
        test = table.take(cut.test)
        scores = model.fit(table.take(cut.train)).probability(test.features)
        found.append(of_ranking(test.labels, scores)["average_precision"])
    mean = round(float(np.mean(found)), 6)
    return {"parameters": dict(chosen), "average_precision": mean}


def best(judged: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Take the set that ranks best.

    Parameters
    ----------
    judged : sequence of mapping
        As `judge` gives them.

    Returns
    -------
    dict
        The parameters; of equals the first that was asked for.
    """
    first = max(judged, key=lambda one: one["average_precision"])
    return dict(first["parameters"])
