"""Figures against numbers computed by hand."""

import numpy as np
import pytest
from sklearn.metrics import (  # noqa: TID253
    average_precision_score,
    brier_score_loss,
    roc_auc_score,
)

from pulsar_ml import metrics

LABELS = np.array([1, 1, 1, 0, 0, 0, 0, 0], dtype=np.int8)
SCORES = np.array([0.9, 0.6, 0.2, 0.7, 0.3, 0.2, 0.1, 0.0])


def test_the_confusion_counts_a_score_at_the_threshold_as_called():
    assert metrics.confusion(LABELS, SCORES, 0.6) == {
        "tp": 2,
        "fp": 1,
        "fn": 1,
        "tn": 4,
    }


def test_verdicts_are_judged_as_by_hand():
    assert metrics.at_threshold(LABELS, SCORES, 0.6) == pytest.approx(
        {
            "recall": 2 / 3,
            "precision": 2 / 3,
            "f1": 2 / 3,
            "specificity": 4 / 5,
            "fpr": 1 / 5,
            "g_mean": (2 / 3 * 4 / 5) ** 0.5,
            "accuracy": 6 / 8,
        }
    )


def test_a_threshold_that_calls_nothing_has_no_precision():
    figures = metrics.at_threshold(LABELS, SCORES, 2.0)
    assert (figures["recall"], figures["precision"], figures["f1"]) == (0, 0, 0)
    assert figures["specificity"] == 1


def test_a_ranking_is_judged_as_by_hand():
    # Of 15 pairs of a pulsar and another, 5 + 4 are in order below 0.9 and 0.6; 0.2
    # beats two and ties with one. Average precision: 1/1, 2/3, then both 0.2 at once.
    squares = 0.1**2 + 0.4**2 + 0.8**2 + 0.7**2 + 0.3**2 + 0.2**2 + 0.1**2
    assert metrics.of_ranking(LABELS, SCORES) == pytest.approx(
        {
            "roc_auc": (5 + 4 + 2 + 0.5) / 15,
            "average_precision": (1 + 2 / 3 + 3 / 6) / 3,
            "brier": squares / 8,
        }
    )


def test_a_ranking_with_many_ties_is_judged_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 500).astype(np.int8)
    scores = (rng.random(500) + labels / 2).round(1) / 1.5
    assert metrics.of_ranking(labels, scores) == pytest.approx(
        {
            "roc_auc": roc_auc_score(labels, scores),
            "average_precision": average_precision_score(labels, scores),
            "brier": brier_score_loss(labels, scores),
        }
    )


def test_over_folds_the_interval_is_students_t_with_the_overlap_corrected():
    folds = [{"f1": value} for value in (0.86, 0.88, 0.90)]
    # sd 0.02, t(0.975, 2) = 4.30265, variance times (1/3 + 1/2)
    half = 4.30265 * 0.02 * (1 / 3 + 1 / 2) ** 0.5
    assert metrics.over_folds(folds, test_share=1 / 2)["f1"] == pytest.approx(
        {"value": 0.88, "low": 0.88 - half, "high": 0.88 + half}, rel=1e-5
    )


def test_over_folds_no_interval_leaves_0_to_1():
    interval = metrics.over_folds([{"f1": 0.0}, {"f1": 1.0}], test_share=1)["f1"]
    assert interval == {"value": 0.5, "low": 0.0, "high": 1.0}


def test_groups_are_drawn_whole():
    groups = np.repeat(np.array([f"pointing {i}" for i in range(25)]), 4)
    seen = []

    def judge(rows):
        times = np.bincount(rows, minlength=100).reshape(25, 4)
        assert (times == times[:, :1]).all()
        seen.append(times)
        return {"rows": float(len(rows))}

    metrics.over_groups(judge, groups, resamples=20)
    assert len(seen) == 21
    assert max(times.max() for times in seen) > 1


def test_the_bootstrap_covers_the_mean_as_theory_says():
    values = np.random.default_rng(1).normal(0.5, 0.1, 400)
    groups = np.arange(400).astype(str)
    interval = metrics.over_groups(
        lambda rows: {"mean": values[rows].mean()}, groups, resamples=400
    )["mean"]
    half = 1.96 * values.std() / 20
    assert interval["value"] == values.mean()
    assert interval["low"] == pytest.approx(values.mean() - half, abs=0.002)
    assert interval["high"] == pytest.approx(values.mean() + half, abs=0.002)


def test_a_draw_of_one_class_does_not_spoil_the_interval():
    labels = np.array([1, 0, 0], dtype=np.int8)
    scores = np.array([0.9, 0.2, 0.1])
    interval = metrics.over_groups(
        lambda rows: metrics.of_ranking(labels[rows], scores[rows]),
        np.array(["a", "b", "c"]),
        resamples=50,
    )
    assert interval["roc_auc"] == {"value": 1.0, "low": 1.0, "high": 1.0}
