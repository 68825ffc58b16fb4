"""Where a candidate begins to be called a pulsar."""

import numpy as np

from pulsar_ml.thresholds import Thresholds, choose

LABELS = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0], dtype=np.int8)
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])


def test_the_shipped_threshold_lies_half_way_below_the_last_row_called():
    # All four pulsars are found with seven rows called, three of them with four.
    assert choose(LABELS, SCORES, recall=1.0).shipped == 0.25
    assert choose(LABELS, SCORES, recall=0.75).shipped == 0.55


def test_the_threshold_for_f1_is_half_the_best_f1():
    # Over the cuts: .4, .667, .571, .75, .667, .6, .727, ...: best with four called.
    assert choose(LABELS, SCORES).f1 == 0.375


def test_the_order_of_the_rows_does_not_matter():
    order = np.random.default_rng(0).permutation(10)
    assert choose(LABELS[order], SCORES[order], 1.0) == choose(LABELS, SCORES, 1.0)


def test_rows_with_the_same_score_are_called_together():
    labels = np.array([1, 0, 1, 0], dtype=np.int8)
    scores = np.array([0.8, 0.6, 0.6, 0.2])
    assert choose(labels, scores, recall=1.0) == Thresholds(shipped=0.4, f1=0.4)


def test_where_every_row_must_be_called_the_threshold_is_half_the_least_score():
    labels = np.array([0, 1], dtype=np.int8)
    assert choose(labels, np.array([0.9, 0.4])) == Thresholds(shipped=0.2, f1=0.333333)
