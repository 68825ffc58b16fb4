"""How models are judged."""

import numpy as np
import pytest

from pulsar_ml import metrics
from pulsar_ml.evaluation.intervals import rounded, wilson
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.tests import simulated
from pulsar_ml.thresholds import Thresholds

pytestmark = pytest.mark.slow

TABLE = simulated.table(900)
FIGURES = {"recall", "precision", "f1", "specificity", "fpr", "g_mean", "accuracy"}
RANKING = {"roc_auc", "average_precision", "brier", *metrics.OPERATING}


def folds() -> list[Scored]:
    """Three folds of noisy scores, each with thresholds of its own."""
    rng = np.random.default_rng(0)
    scores = np.clip(0.1 + 0.5 * TABLE.labels + rng.normal(0, 0.2, 900), 0, 1)
    return [
        Scored(
            TABLE.labels[fold::3],
            scores[fold::3],
            Thresholds(shipped=0.3 + fold / 10, f1=0.5),
        )
        for fold in range(3)
    ]


def test_each_fold_is_judged_at_its_own_thresholds():
    tests = folds()
    report = Evaluator().on_folds(tests, 0.5)
    by_hand = [
        metrics.at_threshold(test.labels, test.scores, test.at.shipped)
        for test in tests
    ]
    for name in FIGURES:
        mean = np.mean([figures[name] for figures in by_hand])
        assert report[name]["value"] == round(mean, 4)
        assert report[name]["low"] <= report[name]["value"] <= report[name]["high"]
    assert report["confusion"]["tp"] == sum(
        metrics.confusion(test.labels, test.scores, test.at.shipped)["tp"]
        for test in tests
    )
    assert report["threshold"]["value"] == 0.4
    assert report["at_f1"]["threshold"] == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert (report["rows"], report["pulsars"], report["folds"]) == (900, 90, 3)


def test_a_report_holds_every_figure_with_its_interval():
    scores = np.where(TABLE.labels == 1, 0.8, 0.1)
    test = Scored(TABLE.labels, scores, Thresholds(shipped=0.5, f1=0.9))
    report = Evaluator().on_unseen(test, TABLE.groups)
    perfect = {"value": 1.0, "low": 1.0, "high": 1.0}
    pointings = len(set(TABLE.groups[TABLE.labels == 1]))
    sure = {"recall": wilson(pointings, pointings), "fpr": wilson(0, 225)}
    assert {name: report[name] for name in sure} == rounded(sure)
    assert report["at_f1"]["recall"] == rounded({"": wilson(0, pointings)})[""]
    assert {name: report[name] for name in ("f1", "roc_auc")} == {
        "f1": perfect,
        "roc_auc": perfect,
    }
    assert report["confusion"] == {"tp": 90, "fp": 0, "fn": 0, "tn": 810}
    assert report["at_f1"]["confusion"] == {"tp": 0, "fp": 0, "fn": 90, "tn": 810}
    about = {"rows", "pulsars", "folds", "interval", "threshold", "confusion", "at_f1"}
    assert set(report) == FIGURES | RANKING | about
    assert set(report["at_f1"]) == FIGURES | {"threshold", "confusion"}
