"""How models are judged."""

from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml import metrics, splits, thresholds
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.model import Model
from pulsar_ml.tests import simulated
from pulsar_ml.thresholds import Thresholds

pytestmark = pytest.mark.slow

TABLE = simulated.table(900)
FIGURES = {"recall", "precision", "f1", "specificity", "fpr", "g_mean", "accuracy"}
RANKING = {"roc_auc", "average_precision", "brier"}


def new_model() -> Model:
    return Model("logistic_regression", folds=3)


def test_each_fold_is_judged_at_thresholds_of_its_own_training_rows():
    folds = list(splits.grouped(TABLE.labels, TABLE.groups, 3, seed=0))
    by_hand, tp = [], 0
    for fold in folds:
        model = new_model().fit(
            TABLE.features[fold.train],
            TABLE.labels[fold.train],
            TABLE.groups[fold.train],
        )
        at = thresholds.choose(TABLE.labels[fold.train], model.out_of_fold_)
        scores = model.probability(TABLE.features[fold.test])
        labels = TABLE.labels[fold.test]
        by_hand.append(metrics.at_threshold(labels, scores, at.shipped))
        tp += metrics.confusion(labels, scores, at.shipped)["tp"]
    report = Evaluator().cross_validate(new_model, TABLE, folds)
    for name in FIGURES:
        mean = np.mean([figures[name] for figures in by_hand])
        assert report[name]["value"] == round(mean, 4)
        assert report[name]["low"] <= report[name]["value"] <= report[name]["high"]
    assert report["confusion"]["tp"] == tp
    assert (report["rows"], report["pulsars"], report["folds"]) == (900, 90, 3)


def test_labels_of_the_test_rows_have_no_say_in_the_threshold():
    (fold,) = splits.by_time(TABLE.labels, TABLE.pointings)
    other = TABLE.labels.copy()
    other[fold.test] = np.random.default_rng(0).permutation(other[fold.test])
    scrambled = replace(TABLE, labels=other)
    one = Evaluator().cross_validate(new_model, TABLE, [fold])
    two = Evaluator().cross_validate(new_model, scrambled, [fold])
    assert one["threshold"] == two["threshold"]
    assert one["at_f1"]["threshold"] == two["at_f1"]["threshold"]
    assert two["recall"]["value"] < one["recall"]["value"] / 2


def test_a_report_holds_every_figure_with_its_interval():
    scores = np.where(TABLE.labels == 1, 0.8, 0.1)
    test = Scored(TABLE.labels, scores, Thresholds(shipped=0.5, f1=0.9))
    report = Evaluator().on_unseen(test, TABLE.groups)
    perfect = {"value": 1.0, "low": 1.0, "high": 1.0}
    assert {name: report[name] for name in ("recall", "f1", "roc_auc")} == {
        "recall": perfect,
        "f1": perfect,
        "roc_auc": perfect,
    }
    assert report["confusion"] == {"tp": 90, "fp": 0, "fn": 0, "tn": 810}
    assert report["at_f1"]["confusion"] == {"tp": 0, "fp": 0, "fn": 90, "tn": 810}
    about = {"rows", "pulsars", "folds", "interval", "threshold", "confusion", "at_f1"}
    assert set(report) == FIGURES | RANKING | about
    assert set(report["at_f1"]) == FIGURES | {"threshold", "confusion"}


def test_without_a_fold_there_is_no_report():
    nothing = splits.by_time(TABLE.labels, np.full(900, ""))
    assert Evaluator().cross_validate(new_model, TABLE, nothing) is None
