"""A version whose artefact keeps an evaluation, small enough to be seen through."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulsar_ml import artefact
from pulsar_ml.serving import shipped
from registry.models import Version
from registry.register import register

MISSED = {"name": "J0000-0001", "hash": "a" * 64, "score": 0.004}
REPORT = {
    "rows": 3458,
    "pulsars": 366,
    "interval": "95 %, bootstrap",
    "recall": {"value": 0.75, "low": 0.7, "high": 0.8},
    "precision": {"value": 0.5, "low": 0.4, "high": 0.6},
}


def _interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def _tried(threshold: float, tp: int, fp: int) -> dict[str, float]:
    recall, precision = tp / 366, tp / (tp + fp)
    return {
        "threshold": threshold,
        "recall": recall,
        "precision": precision,
        "fpr": fp / 3092,
        "f1": 2 * recall * precision / (recall + precision),
        "tp": tp,
        "fp": fp,
        "fn": 366 - tp,
        "tn": 3092 - fp,
    }


def _curves(shift: float) -> dict[str, dict[str, list[float]]]:
    return {
        "roc": {"fpr": [0, 0.1, 1], "recall": [0, 0.9 - shift, 1]},
        "precision_recall": {"recall": [0, 0.9, 1], "precision": [1, 0.8 - shift, 0.1]},
        "calibration": {
            "predicted": [0.1, 0.9],
            "observed": [0.2, 0.8],
            "low": [0.1, 0.7],
            "high": [0.3, 0.9],
            "rows": [300, 50],
        },
    }


def _slice(label: str, recall: float | None, why: str = "") -> dict[str, Any]:
    return {
        "column": "beam",
        "label": label,
        "rows": 200,
        "pulsars": 30,
        "recall": None if recall is None else _interval(recall),
        "fpr": _interval(0.2),
        "enough": recall is not None,
        "why": why,
    }


EVALUATION = {
    "curves": {"holdout": _curves(0), "grouped": _curves(0.1)},
    "trade": [_tried(0.02, 360, 400), _tried(0.0764, 343, 114), _tried(0.5, 310, 10)],
    "slices": [_slice("6", 0.6), _slice("2", 0.9), _slice("9", None, "3 pulsars")],
    "missed": [
        {**MISSED, "observed": {"pointing": "2009-01-01T00:00:00Z", "beam": 6}},
        {"name": "", "hash": "b" * 64, "score": 0.001, "observed": {"beam": 2}},
    ],
    "importance": {
        "permutation": [
            {"feature": "prof_mean", "value": 0.1, "low": 0.05, "high": 0.15},
            {"feature": "prof_skew", "value": 0.4, "low": 0.3, "high": 0.5},
        ],
        "shapley": [
            {"feature": "prof_mean", "value": 1.0},
            {"feature": "prof_skew", "value": 2.0},
        ],
    },
    "beside": {
        "published": [
            {
                "name": "GH-VFDT",
                "recall": 0.829,
                "precision": 0.899,
                "fpr": 0.008,
                "g_mean": 0.907,
                "f1": 0.862,
                "accuracy": 0.978,
                "source": "Lyon et al. 2016",
            }
        ],
        "baseline": REPORT,
        "baseline_folds": {"grouped": REPORT},
        "champion": {
            "name": "pulsar/2",
            "rows": 500,
            "pulsars": 99,
            "report": None,
            "ours": None,
            "why": "99 pulsars that neither was trained on; 100 are needed",
        },
    },
}


def evaluated(
    folder: Path,
    evaluation: Mapping[str, Any] = EVALUATION,
    **card: Mapping[str, Any] | str,
) -> Version:
    """Register the shipped champion once more, with an evaluation beside it."""
    files, told = _shipped()
    for report in told["metrics"].values():
        report["recall_at_fpr_1"] = _interval(0.8)
    files |= {
        artefact.CARD: artefact.to_json(told | {"policy": "grouped"} | card),
        artefact.EVALUATION: json.dumps(evaluation).encode(),
    }
    artefact.write(folder / "artefact", files)
    return register(folder / "artefact")


def older(folder: Path) -> Version:
    """The same as it was made before evaluations were kept."""
    files, told = _shipped()
    files.pop(artefact.EVALUATION, None)
    for report in told["metrics"].values():
        for name in [name for name in report if name.startswith("recall_at_fpr")]:
            del report[name]
    artefact.write(folder / "older", files | {artefact.CARD: artefact.to_json(told)})
    return register(folder / "older")


def _shipped() -> tuple[dict[str, bytes], dict[str, Any]]:
    files, _ = artefact.read(shipped()[1])
    return files, json.loads(files[artefact.CARD])
