"""Make a whole artefact of a model that has passed: all that a training would leave."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from onnx import ModelProto  # noqa: TID253

from pulsar_ml import artefact, reference, splits, thresholds
from pulsar_ml.datasets import files as sizes
from pulsar_ml.datasets import holdout, store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.evaluation import importance
from pulsar_ml.evaluation.curves import curves
from pulsar_ml.evaluation.missed import missed
from pulsar_ml.evaluation.published import published
from pulsar_ml.evaluation.slices import slices
from pulsar_ml.evaluation.trade import trade
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.examine import order
from pulsar_ml.examine.card import read as read_card
from pulsar_ml.examine.operators import TREES
from pulsar_ml.examine.order import Order
from pulsar_ml.features import FEATURES
from pulsar_ml.serving import Graph
from pulsar_ml.thresholds import Thresholds
from pulsar_ml.training import sources
from pulsar_ml.training.steps import Say

_OF = 4
# What a card that came is believed about: words alone, no figure.
_BELIEVED = ("algorithm", "parameters", "calibration", "seed", "created")


class _Side(NamedTuple):
    """The rows of the dataset, by what they are for."""

    trained: Labelled
    held: Labelled
    # What the model was trained on, by hash; empty where nobody knows.
    known: set[str]


class _Explained(NamedTuple):
    graph: Graph
    reference: dict[str, Any]

    def score(self, features: Any) -> Any:
        return self.graph.score(features)


def run(folder: Path, say: Say) -> None:
    """Leave ``artefact/``.

    Parameters
    ----------
    folder : Path
        Of the child; ``model/`` has a model that passed all checks.
    say : callable
        Is told how much is done, of how much, and what is at work.

    Raises
    ------
    BadInput
        If the dataset does not do for it.
    """
    asked = order.read(folder)
    say(0, _OF, "reading the dataset")
    sides = _sides(folder, asked)
    raw = (folder / order.MODEL / artefact.MODEL).read_bytes()
    graph = Graph(raw)
    came = _came(folder)
    at, rule = _thresholds(asked, came, sides, graph)
    say(1, _OF, "summarising its training rows")
    summary = reference.summarise(sides.trained.features, sides.trained.labels)
    say(2, _OF, "judging the model on the hold-out")
    test = Scored(sides.held.labels, graph.score(sides.held.features), at)
    metrics = {"holdout": Evaluator().on_unseen(test, sides.held.groups)}
    say(3, _OF, "taking scores apart")
    evaluation = _evaluation(sides, test, _Explained(graph, summary))
    card = {
        **_about_model(asked, came, raw),
        "threshold": at.shipped,
        "threshold_f1": at.f1,
        "threshold_rule": rule,
        **_about_rows(asked, sides),
        "metrics": metrics,
        "code_version": sources.code_version(),
        "libraries": sources.libraries(),
        "champion": False,
    }
    content = {
        artefact.CARD: artefact.to_json(card),
        artefact.EVALUATION: artefact.to_json(evaluation),
        artefact.MODEL: raw,
        artefact.REFERENCE: artefact.to_json(summary),
        artefact.TRAINING: artefact.hash_list(sides.known),
        artefact.HOLDOUT: artefact.hash_list(sides.held.hashes),
    }
    artefact.write(folder / order.ARTEFACT, content)
    say(_OF, _OF, "the artefact is written")


def _sides(folder: Path, asked: Order) -> _Side:
    if asked.dataset is None:
        raise BadInput(
            "Choose a dataset: a bare ONNX gets its ranges and figures from one."
        )
    told = asked.dataset
    whole = store.read(
        Path(told.path), name=told.name, sha256=told.sha256, temp=folder / "tmp"
    )
    table = holdout.bar(whole, asked.sentinels)
    trained = holdout.trainable(table)
    sizes.check_size(trained, "to train on")
    known: set[str] = set()
    if asked.trained_on == "dataset":
        known = set(trained.hashes.tolist())
    elif asked.trained_on == "list":
        listed = folder / order.MODEL / artefact.TRAINING
        known = artefact.hashes(listed.read_bytes())
    held = table.take(table.holdout)
    # What it learned from says nothing of how good it is, on whatever side it stands.
    held = held.take(~np.isin(held.hashes, sorted(known)))
    sizes.check_size(held, "in the hold-out that the model was not trained on")
    return _Side(trained, held, known)


def _came(folder: Path) -> dict[str, Any]:
    path = folder / order.CARD
    return read_card(path) if path.is_file() else {}


def _thresholds(
    asked: Order, came: dict[str, Any], sides: _Side, graph: Graph
) -> tuple[Thresholds, str]:
    """Take the threshold that was said, or choose it as a training does."""
    rows = sides.trained
    chosen = thresholds.choose(rows.labels, graph.score(rows.features), asked.recall)
    f1 = float(came.get("threshold_f1", chosen.f1))
    if asked.threshold is not None:
        return Thresholds(asked.threshold, f1), "As its owner said when it was pushed."
    if "threshold" in came:
        return Thresholds(float(came["threshold"]), f1), "As its card said."
    if not 0 < chosen.shipped < 1:
        raise BadInput("No threshold can be chosen: its scores tell no pulsars apart.")
    rule = (
        f"The highest threshold at which {asked.recall:.0%} of the pulsars are found"
        f" among the training rows of {rows.name}; it may have learned from these."
    )
    return chosen, rule


def _about_model(asked: Order, came: dict[str, Any], raw: bytes) -> dict[str, Any]:
    told = {name: came[name] for name in _BELIEVED if name in came}
    return {
        "model": asked.model,
        "kind": "classifier",
        "algorithm": _algorithm(raw),
        "parameters": {},
        "search": [],
        "calibration": {},
        "seed": None,
        "created": asked.created,
        **told,
        "pushed": {
            "name": asked.name,
            "sha256": hashlib.sha256(raw).hexdigest(),
            "at": asked.created,
        },
        "features": list(FEATURES),
        "signature": {
            "inputs": [_tensor("features", len(FEATURES))],
            "outputs": [_tensor("probability", 1)],
        },
        "split_policy": splits.POLICY,
        "policy": "grouped",
    }


def _algorithm(raw: bytes) -> str:
    used = {node.op_type for node in ModelProto.FromString(raw).graph.node}
    if used & TREES:
        return "tree_ensemble"
    return "linear_model" if used & {"LinearClassifier"} else "network"


def _tensor(name: str, width: int) -> dict[str, Any]:
    return {"name": name, "datatype": "FP32", "shape": [-1, width]}


def _about_rows(asked: Order, sides: _Side) -> dict[str, Any]:
    trained, held = sides.trained, sides.held
    both = [trained, held]
    seen = trained.take(np.isin(trained.hashes, sorted(sides.known)))
    pointings = np.concatenate([side.pointings for side in both])
    return {
        artefact.TRAINED_ON: asked.trained_on,
        "dataset": {
            "name": trained.name,
            "sha256": trained.sha256,
            "rows": sum(map(len, both)),
            "pulsars": sum(side.pulsars for side in both),
            "pointings": int(np.unique(pointings[pointings != ""]).size),
            "trained_rows": len(sides.known),
            "trained_pulsars": seen.pulsars,
            "holdout_rows": len(held),
            "holdout_pulsars": held.pulsars,
        },
        "weights": {"pulsars": 1.0, "others": 1.0},
        "sentinels": len(asked.sentinels),
    }


def _evaluation(sides: _Side, test: Scored, model: _Explained) -> dict[str, Any]:
    held = sides.held
    return {
        "curves": {"holdout": curves(test.labels, test.scores)},
        "trade": trade(test.labels, test.scores, test.at),
        "slices": slices(held, test.scores, test.at.shipped),
        "missed": missed(held, test.scores, test.at.shipped),
        "importance": {
            "permutation": importance.permutation(model, held, 0),
            "shapley": importance.mean_shapley(model, held, 0),
        },
        "beside": {
            "published": published(),
            "baseline": None,
            "baseline_folds": {},
            "champion": None,
        },
    }
