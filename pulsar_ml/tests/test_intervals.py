"""How sure a figure is, against numbers computed by hand."""

import numpy as np
import pytest

from pulsar_ml import metrics
from pulsar_ml.evaluation import intervals


def test_over_folds_the_interval_is_students_t_with_the_overlap_corrected():
    folds = [{"f1": value} for value in (0.86, 0.88, 0.90)]
    # sd 0.02, t(0.975, 2) = 4.30265, variance times (1/3 + 1/2)
    half = 4.30265 * 0.02 * (1 / 3 + 1 / 2) ** 0.5
    assert intervals.over_folds(folds, test_share=1 / 2)["f1"] == pytest.approx(
        {"value": 0.88, "low": 0.88 - half, "high": 0.88 + half}, rel=1e-5
    )


def test_over_folds_no_interval_leaves_0_to_1():
    interval = intervals.over_folds([{"f1": 0.0}, {"f1": 1.0}], test_share=1)["f1"]
    assert interval == {"value": 0.5, "low": 0.0, "high": 1.0}


def test_groups_are_drawn_whole():
    groups = np.repeat(np.array([f"pointing {i}" for i in range(25)]), 4)
    seen = []

    def judge(rows):
        times = np.bincount(rows, minlength=100).reshape(25, 4)
        assert (times == times[:, :1]).all()
        seen.append(times)
        return {"rows": float(len(rows))}

    intervals.over_groups(judge, groups, resamples=20)
    assert len(seen) == 21
    assert max(times.max() for times in seen) > 1


def test_groups_of_any_size_and_order_are_drawn_as_often_as_they_are():
    groups = np.array(["b", "a", "b", "c", "b", "a"])
    expected = {"a": [1, 5], "b": [0, 2, 4], "c": [3]}
    chosen = np.random.default_rng(7)
    for rows in intervals.draws(groups, 30, seed=7):
        names = np.array(["a", "b", "c"])[chosen.integers(3, size=3)]
        assert rows.tolist() == [row for name in names for row in expected[name]]


def test_the_bootstrap_covers_the_mean_as_theory_says():
    values = np.random.default_rng(1).normal(0.5, 0.1, 400)
    groups = np.arange(400).astype(str)
    interval = intervals.over_groups(
        lambda rows: {"mean": values[rows].mean()}, groups, resamples=400
    )["mean"]
    half = 1.96 * values.std() / 20
    assert interval["value"] == values.mean()
    assert interval["low"] == pytest.approx(values.mean() - half, abs=0.002)
    assert interval["high"] == pytest.approx(values.mean() + half, abs=0.002)


def test_a_draw_of_one_class_does_not_spoil_the_interval():
    labels = np.array([1, 0, 0], dtype=np.int8)
    scores = np.array([0.9, 0.2, 0.1])
    interval = intervals.over_groups(
        lambda rows: metrics.of_ranking(labels[rows], scores[rows]),
        np.array(["a", "b", "c"]),
        resamples=50,
    )
    assert interval["roc_auc"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_what_cannot_be_told_is_written_as_none():
    found = intervals.percentiles(np.nan, [np.nan, np.nan])
    assert intervals.rounded({"roc_auc": found}) == {
        "roc_auc": {"value": None, "low": None, "high": None}
    }


@pytest.mark.parametrize(
    ("hits", "rows", "low", "high"),
    [
        # The score interval solved by hand with z = 1.959964.
        (8, 10, 0.490162, 0.943318),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (1, 1, 0.206549, 1.0),
    ],
)
def test_a_share_has_the_interval_of_wilson(hits, rows, low, high):
    assert intervals.wilson(hits, rows) == pytest.approx(
        {"value": hits / rows, "low": low, "high": high}, abs=2e-6
    )
    assert 0 <= intervals.wilson(hits, rows)["low"] <= hits / rows
    assert hits / rows <= intervals.wilson(hits, rows)["high"] <= 1
