"""Step register: everything that a version is, in one folder."""

from pathlib import Path
from typing import Any

import numpy as np

from pulsar_ml import artefact, splits
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.features import FEATURES
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows, sources
from pulsar_ml.training.evaluate import EVALUATE
from pulsar_ml.training.explain import EXPLAIN
from pulsar_ml.training.plan import Plan
from pulsar_ml.training.slices import SLICES
from pulsar_ml.training.steps import Say
from pulsar_ml.training.threshold import THRESHOLD

ARTEFACT = "artefact"


def run(folder: Path, say: Say) -> None:
    """Write the artefact of the training.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        Is told how much is done, of how much, and what is at work.
    """
    say(0, 1, "writing the artefact")
    artefact.write(folder / ARTEFACT, _content(folder))
    say(1, 1, "the artefact is written")


def _content(folder: Path) -> dict[str, bytes]:
    plan, table = plans.read(folder), rows.marked(folder)
    said = {
        name: files.read_json(folder / name)
        for name in ("fit.json", "split.json", THRESHOLD, EVALUATE, SLICES, EXPLAIN)
    }
    card = {
        **_about_model(plan, said),
        "dataset": _about_data(plan, table),
        "weights": _about_weights(holdout.trainable(table)),
        "sentinels": said["split.json"]["sentinels"]["rows"],
        "metrics": said[EVALUATE]["metrics"],
        "created": plan.created,
        "code_version": sources.code_version(),
        "libraries": sources.libraries(),
        # Which version a site puts into production is said elsewhere.
        "champion": False,
    }
    return {
        artefact.CARD: artefact.to_json(card),
        artefact.EVALUATION: artefact.to_json(_evaluation(said)),
        artefact.MODEL: (folder / "model.onnx").read_bytes(),
        artefact.REFERENCE: (folder / "reference.json").read_bytes(),
        artefact.TRAINING: artefact.hash_list(holdout.trainable(table).hashes),
        artefact.HOLDOUT: artefact.hash_list(table.hashes[table.holdout]),
    }


def _about_model(plan: Plan, said: dict[str, Any]) -> dict[str, Any]:
    fit, chosen = said["fit.json"], said[THRESHOLD]
    return {
        "model": plan.model,
        "kind": "classifier",
        "algorithm": plan.algorithm,
        "parameters": fit["parameters"],
        "search": fit["search"],
        "calibration": fit["calibration"],
        "seed": plan.seed,
        "features": list(FEATURES),
        "signature": {
            "inputs": [_tensor("features", len(FEATURES))],
            "outputs": [_tensor("probability", 1)],
        },
        "threshold": chosen["threshold"],
        "threshold_f1": chosen["threshold_f1"],
        "threshold_rule": chosen["rule"],
        "split_policy": splits.POLICY,
        "policy": plan.policy,
    }


def _tensor(name: str, width: int) -> dict[str, Any]:
    return {"name": name, "datatype": "FP32", "shape": [-1, width]}


def _about_data(plan: Plan, table: Labelled) -> dict[str, Any]:
    trained, held = holdout.trainable(table), table.take(table.holdout)
    return {
        "name": plan.dataset.name,
        "sha256": plan.dataset.source_sha256 or plan.dataset.sha256,
        "rows": len(table),
        "pulsars": table.pulsars,
        "pointings": int(np.unique(table.pointings[table.pointings != ""]).size),
        "trained_rows": len(trained),
        "trained_pulsars": trained.pulsars,
        "holdout_rows": len(held),
        "holdout_pulsars": held.pulsars,
    }


def _about_weights(trained: Labelled) -> dict[str, float]:
    """Tell how much a row of either class counts on average."""
    return {
        name: round(float(trained.weights[trained.labels == label].mean()), 4)
        for name, label in (("pulsars", 1), ("others", 0))
    }


def _evaluation(said: dict[str, Any]) -> dict[str, Any]:
    judged = said[EVALUATE]
    return {
        "curves": judged["curves"],
        "trade": judged["trade"],
        "slices": said[SLICES]["slices"],
        "missed": judged["missed"],
        "importance": said[EXPLAIN],
        "beside": judged["beside"],
    }
