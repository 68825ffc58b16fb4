"""Figures against numbers computed by hand."""

import numpy as np
import pytest
from sklearn.metrics import (  # noqa: TID253
    average_precision_score,
    brier_score_loss,
    roc_auc_score,
    roc_curve,
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
            # The first false call is already a fifth of all.
            "recall_at_fpr_0_5": 1 / 3,
            "recall_at_fpr_1": 1 / 3,
            "recall_at_fpr_5": 1 / 3,
        }
    )


def test_a_ranking_with_many_ties_is_judged_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 500).astype(np.int8)
    scores = (rng.random(500) + labels / 2).round(1) / 1.5
    figures = metrics.of_ranking(labels, scores)
    fpr, recall, _ = roc_curve(labels, scores, drop_intermediate=False)
    assert figures == pytest.approx(
        {
            "roc_auc": roc_auc_score(labels, scores),
            "average_precision": average_precision_score(labels, scores),
            "brier": brier_score_loss(labels, scores),
            **{
                name: recall[fpr <= share].max()
                for name, share in metrics.OPERATING.items()
            },
        }
    )


def test_the_recall_at_a_false_positive_rate_is_that_of_the_last_threshold_within_it():
    # 200 others, one pulsar beside each of four of them: 1, 2, 3 and 10 false calls
    # are 0.5, 1, 1.5 and 5 %; two rows share a score and are called together.
    others = np.linspace(0.9, 0.1, 200)
    pulsars = np.array([0.95, others[1], others[2] + 0.001, others[11]])
    labels = np.array([1] * 4 + [0] * 200, dtype=np.int8)
    figures = metrics.of_ranking(labels, np.append(pulsars, others))
    assert {name: figures[name] for name in metrics.OPERATING} == {
        "recall_at_fpr_0_5": 1 / 4,  # the second comes with the second false call
        "recall_at_fpr_1": 3 / 4,
        "recall_at_fpr_5": 3 / 4,  # the last comes with 12 false calls, 6 %
    }


def test_where_one_class_lacks_nothing_can_be_ranked():
    for labels in (np.zeros(3, dtype=np.int8), np.ones(3, dtype=np.int8)):
        figures = metrics.of_ranking(labels, np.array([0.1, 0.2, 0.3]))
        assert all(np.isnan(value) for value in figures.values())
        assert set(figures) == {
            "roc_auc",
            "average_precision",
            "brier",
            *metrics.OPERATING,
        }
