"""Curves, against points counted by hand."""

import numpy as np
import pytest

from pulsar_ml.evaluation import curves
from pulsar_ml.evaluation.trade import trade
from pulsar_ml.thresholds import Thresholds

# From the top: a pulsar; another; a pulsar and another with the same score; another;
# a pulsar.
LABELS = np.array([1, 0, 1, 0, 0, 1], dtype=np.int8)
SCORES = np.array([0.95, 0.8, 0.6, 0.6, 0.4, 0.02])


def test_the_three_curves_are_those_counted_by_hand():
    third = 0.33333, 0.66667
    assert curves.curves(LABELS, SCORES) == {
        "roc": {
            "fpr": [0.0, 0.0, third[0], third[1], 1.0, 1.0],
            "recall": [0.0, third[0], third[0], third[1], third[1], 1.0],
        },
        "precision_recall": {
            "recall": [third[0], third[0], third[1], third[1], 1.0],
            "precision": [1.0, 0.5, 0.5, 0.4, 0.5],
        },
        "calibration": {
            "predicted": [0.02, 0.4, 0.6, 0.8, 0.95],
            "observed": [1.0, 0.0, 0.5, 0.0, 1.0],
            # Wilson: 1 of 1, 0 of 1, 1 of 2.
            "low": [0.20655, 0.0, 0.09453, 0.0, 0.20655],
            "high": [1.0, 0.79345, 0.90547, 0.79345, 1.0],
            "rows": [1, 1, 2, 1, 1],
        },
    }


def test_a_score_of_one_lies_in_the_last_tenth():
    curve = curves.calibration(
        np.array([1, 1], dtype=np.int8), np.array([0.92, 1.0], dtype=np.float32)
    )
    assert (curve["rows"], curve["predicted"]) == ([2], [0.96])


def test_a_long_curve_keeps_its_ends_and_its_bends():
    # First up, then to the right: ten thousand points, and what matters is one corner.
    x = np.append(np.zeros(5000), np.linspace(0, 1, 5000))
    y = np.append(np.linspace(0, 1, 5000), np.ones(5000))
    kept = curves.thin(x, y)
    assert len(kept) <= curves.POINTS
    assert (kept[0], kept[-1]) == (0, 9999)
    between = np.abs(np.diff(x[kept])) + np.abs(np.diff(y[kept]))
    assert between.max() < 2.5 * 2 / curves.POINTS
    area = np.trapezoid(y[kept], x[kept])
    assert area == pytest.approx(1.0, abs=0.01)


def test_a_short_curve_is_kept_whole():
    assert curves.thin(np.arange(3.0), np.zeros(3)).tolist() == [0, 1, 2]


def test_each_threshold_is_judged_and_the_chosen_ones_are_among_them():
    found = trade(LABELS, SCORES, Thresholds(shipped=0.3, f1=0.5))
    keys = ("threshold", "recall", "precision", "fpr", "f1", "tp", "fp", "fn", "tn")
    assert [tuple(one[key] for key in keys) for one in found] == [
        (0.01, 1.0, 0.5, 1.0, 0.6667, 3, 3, 0, 0),
        (0.21, 0.6667, 0.4, 1.0, 0.5, 2, 3, 1, 0),
        (0.3, 0.6667, 0.4, 1.0, 0.5, 2, 3, 1, 0),
        (0.5, 0.6667, 0.5, 0.6667, 0.5714, 2, 2, 1, 1),
        (0.7, 0.3333, 0.5, 0.3333, 0.4, 1, 1, 2, 2),
        (0.875, 0.3333, 1.0, 0.0, 0.5, 1, 0, 2, 3),
    ]


def test_of_many_thresholds_some_two_hundred_are_judged():
    rng = np.random.default_rng(0)
    labels = (np.arange(5000) % 10 == 0).astype(np.int8)
    scores = rng.random(5000) / 2 + labels * rng.random(5000) / 2
    found = trade(labels, scores, Thresholds(0.123456, 0.4))
    thresholds = [one["threshold"] for one in found]
    assert 100 < len(found) <= 202
    assert thresholds == sorted(set(thresholds))
    assert {0.123456, 0.4} < set(thresholds)
    recalls = [one["recall"] for one in found]
    assert recalls == sorted(recalls, reverse=True)
    assert max(-np.diff(recalls)) < 0.05
