"""From labelled rows to a whole artefact: split, judge, fit, convert, describe."""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import artefact, export, reference, splits, thresholds
from pulsar_ml.evaluator import Evaluator, Report, Scored
from pulsar_ml.features import FEATURES
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.files import check_size
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.model import Model
from pulsar_ml.serving import Graph

_LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "scipy", "skl2onnx")
_SOURCES = (
    "density",
    "evaluator",
    "export",
    "features",
    "landscape",
    "metrics",
    "model",
    "reference",
    "splits",
    "stretch",
    "thresholds",
    "train",
)


@dataclass(frozen=True)
class Trained:
    """A trained model with all that its artefact holds, not yet written.

    Attributes
    ----------
    card : dict
        But for ``champion``, which is said when it is written.
    files : mapping of str to bytes
        The other files.
    """

    card: dict[str, Any]
    files: Mapping[str, bytes]

    def write(self, folder: Path, *, champion: bool = False) -> str:
        """Write the artefact.

        Parameters
        ----------
        folder : Path
            Where; nothing may be there yet.
        champion : bool
            Whether a new site puts this version into production.

        Returns
        -------
        str
            The artefact's SHA-256.

        Raises
        ------
        BadArtefact
            If the folder is there already.
        """
        card = artefact.to_json({**self.card, "champion": champion})
        return artefact.write(folder, {**self.files, artefact.CARD: card})


def train(
    table: Labelled,
    algorithm: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    jobs: int = 1,
    say: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Train a model without the hold-out and judge it in four ways.

    Parameters
    ----------
    table : Labelled
        All rows; those of the hold-out are set aside here.
    algorithm : str
        See `Model`.
    parameters : mapping, optional
        See `Model`.
    seed : int
        Of everything random.
    jobs : int
        Threads of a forest's training.
    say : callable
        Is told what is going on.

    Returns
    -------
    Trained
        Everything after the fit, the hold-out's figures too, comes from the ONNX.

    Raises
    ------
    BadInput
        If there are too few rows of a class.
    ConversionFailed
        If the ONNX gives other scores than scikit-learn.
    """

    def new_model() -> Model:
        return Model(algorithm, parameters, seed=seed, jobs=jobs)

    aside = table.holdout
    rows, held = holdout.trainable(table), table.take(aside)
    check_size(rows, "to train on")
    check_size(held, "in the hold-out")
    evaluator = Evaluator(seed=seed)
    judged = _cross_validated(evaluator, new_model, rows, say)
    say(f"{algorithm}: training on {len(rows.labels):,} rows")
    model = new_model().fit(rows)
    say(f"{algorithm}: converting, comparing {len(table.labels):,} scores")
    onnx = export.to_onnx(model, table.features)
    at = thresholds.choose(rows.labels, model.out_of_fold_, evaluator.recall)
    test = Scored(held.labels, Graph(onnx).score(held.features), at)
    judged["holdout"] = evaluator.on_unseen(test, held.groups)
    summary = reference.summarise(rows.features, rows.labels, seed)
    return Trained(
        card={
            **_about_model(model, evaluator.recall, at),
            "dataset": _about_data(table, aside),
            "metrics": judged,
            **_about_code(),
        },
        files={
            artefact.MODEL: onnx,
            artefact.REFERENCE: artefact.to_json(summary),
            artefact.TRAINING: artefact.hash_list(rows.hashes),
            artefact.HOLDOUT: artefact.hash_list(held.hashes),
        },
    )


def _cross_validated(
    evaluator: Evaluator,
    new_model: Callable[[], Model],
    rows: Labelled,
    say: Callable[[str], object],
) -> dict[str, Report]:
    folds, seed = new_model().folds, evaluator.seed
    policies = {
        "stratified": splits.stratified(rows.labels, folds, seed),
        "grouped": splits.grouped(rows.labels, rows.groups, folds, seed),
        "time": splits.by_time(rows.labels, rows.pointings),
    }
    judged = {}
    for name, cut in policies.items():
        say(f"{new_model().algorithm}: cross-validating, {name}")
        report = evaluator.cross_validate(new_model, rows, cut)
        if report:
            judged[name] = report
    return judged


def _about_model(
    model: Model, recall: float, at: thresholds.Thresholds
) -> dict[str, Any]:
    return {
        "model": "pulsar",
        "kind": "classifier",
        "algorithm": model.algorithm,
        "parameters": model.all_parameters(),
        "calibration": {
            "method": "sigmoid on out-of-fold scores",
            "slope": round(model.slope_, 6),
            "intercept": round(model.intercept_, 6),
        },
        "seed": model.seed,
        "features": list(FEATURES),
        "signature": {
            "inputs": [_tensor("features", len(FEATURES))],
            "outputs": [_tensor("probability", 1)],
        },
        "threshold": at.shipped,
        "threshold_f1": at.f1,
        "threshold_rule": thresholds.RULE.format(recall=recall),
        "split_policy": splits.POLICY,
    }


def _tensor(name: str, width: int) -> dict[str, Any]:
    return {"name": name, "datatype": "FP32", "shape": [-1, width]}


def _about_data(table: Labelled, aside: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "name": table.name,
        "sha256": table.sha256,
        "rows": len(table.labels),
        "pulsars": int(table.labels.sum()),
        "pointings": int(np.unique(table.pointings[table.pointings != ""]).size),
        "trained_rows": int(np.count_nonzero(~aside)),
        "trained_pulsars": int(table.labels[~aside].sum()),
        "holdout_rows": int(np.count_nonzero(aside)),
        "holdout_pulsars": int(table.labels[aside].sum()),
    }


def _about_code() -> dict[str, Any]:
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((Path(__file__).with_name(f"{name}.py")).read_bytes())
    # reproducible-builds.org: whoever repeats a release sets its time, and gets its
    # bytes.
    at = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return {
        "created": datetime.fromtimestamp(int(at), UTC).isoformat(),
        "code_version": f"sources {digest.hexdigest()[:12]}",
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
