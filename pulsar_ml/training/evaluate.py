"""Step evaluate: how good the model is, and beside what."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.evaluation.beside import beside
from pulsar_ml.evaluation.curves import curves
from pulsar_ml.evaluation.missed import missed
from pulsar_ml.evaluation.published import published
from pulsar_ml.evaluation.trade import trade
from pulsar_ml.evaluator import Evaluator, Report, Scored
from pulsar_ml.serving import Graph, Scorer
from pulsar_ml.thresholds import Thresholds
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows, threshold
from pulsar_ml.training.plan import Plan
from pulsar_ml.training.steps import Say

EVALUATE = "evaluate.json"
_OF = 4
_Arrays = dict[str, NDArray[Any]]


def run(folder: Path, say: Say) -> None:
    """Judge the model on the folds and on the hold-out, by its ONNX alone.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        Is told how much is done, of how much, and what is at work.
    """
    plan, table = plans.read(folder), rows.marked(folder)
    evaluator = Evaluator(seed=plan.seed)
    graph = Graph((folder / "model.onnx").read_bytes(), threads=plan.threads)
    chosen = files.read_json(folder / threshold.THRESHOLD)
    at, held = threshold.read(chosen), table.take(table.holdout)
    test = Scored(held.labels, graph.score(held.features), at)
    say(0, _OF, "judging what was said of the folds")
    folds = files.read_arrays(folder / "folds.npz")
    metrics = _over_policies(evaluator, table, folds)
    say(1, _OF, "judging what is said of the hold-out")
    metrics["holdout"] = evaluator.on_unseen(test, held.groups)
    say(2, _OF, "judging logistic regression by the same rows")
    logistic = _baseline(folder, evaluator, held, chosen)
    say(3, _OF, "judging the champion by the same rows")
    content = {
        "metrics": metrics,
        "curves": {
            "holdout": curves(test.labels, test.scores),
            **_pooled(plan, table, folds),
        },
        "trade": trade(test.labels, test.scores, at),
        "missed": missed(held, test.scores, at.shipped),
        "beside": {
            "published": published(),
            "baseline": logistic,
            "baseline_folds": _over_policies(evaluator, table, folds, "baseline_"),
            "champion": _champion(plan, table, graph, at),
        },
    }
    files.write_json(folder / EVALUATE, content)
    say(_OF, _OF, "the model is judged")


def _over_policies(
    evaluator: Evaluator, table: Labelled, folds: _Arrays, whose: str = ""
) -> dict[str, Report]:
    """Report on each policy that was possible; on none where there are no scores."""
    if f"{whose}score" not in folds:
        return {}
    reports = {}
    for policy in rows.POLICIES:
        if (chosen := folds["policy"] == policy).any():
            tested = {name: values[chosen] for name, values in folds.items()}
            reports[policy] = _over_folds(evaluator, table, tested, whose)
    return reports


def _over_folds(
    evaluator: Evaluator, table: Labelled, tested: _Arrays, whose: str
) -> Report:
    parts = [tested["fold"] == number for number in np.unique(tested["fold"])]
    tests = [
        Scored(
            table.labels[tested["row"][part]],
            tested[f"{whose}score"][part],
            Thresholds(
                float(tested[f"{whose}threshold"][part][0]),
                float(tested[f"{whose}threshold_f1"][part][0]),
            ),
        )
        for part in parts
    ]
    if len(tests) == 1:
        return evaluator.on_unseen(tests[0], table.groups[tested["row"]])
    # Every row is tested once, and trained on in all folds but that.
    shares = [part.sum() / (~part).sum() for part in parts]
    return evaluator.on_folds(tests, float(np.mean(shares)))


def _pooled(plan: Plan, table: Labelled, folds: _Arrays) -> dict[str, Any]:
    """Draw the curves of all rows that the folds of the chosen policy tested."""
    chosen = folds["policy"] == plan.policy
    if not chosen.any():
        return {}
    labels = table.labels[folds["row"][chosen]]
    return {plan.policy: curves(labels, folds["score"][chosen])}


def _baseline(
    folder: Path, evaluator: Evaluator, held: Labelled, chosen: dict[str, Any]
) -> Report | None:
    path = folder / "baseline.onnx"
    if not path.exists():
        return None
    scores = Graph(path.read_bytes()).score(held.features)
    at = threshold.read(chosen["baseline"])
    return evaluator.on_unseen(Scored(held.labels, scores, at), held.groups)


def _champion(
    plan: Plan, table: Labelled, graph: Graph, at: Thresholds
) -> dict[str, Any] | None:
    if plan.champion is None:
        return None
    named = plan.champion
    scorer = Scorer(Path(named.folder), sha256=named.sha256, threads=plan.threads)
    return beside(scorer, named.name, table, ours=graph, at=at, seed=plan.seed)
