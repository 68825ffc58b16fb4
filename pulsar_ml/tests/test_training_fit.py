"""What is tried, what is tested by what, and which few rows stand for all."""

from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml import splits, thresholds
from pulsar_ml.datasets import holdout
from pulsar_ml.errors import BadInput
from pulsar_ml.model import Model
from pulsar_ml.tests import simulated
from pulsar_ml.tests.trainings import CREATED
from pulsar_ml.training import crossed, rows, search
from pulsar_ml.training.counter import Counter
from pulsar_ml.training.plan import Dataset, Plan
from pulsar_ml.training.sample import sample

TABLE = simulated.table(1500)
ROWS = holdout.trainable(TABLE)
PLAN = Plan(CREATED, Dataset("", "", ""), "logistic_regression")


def new_model() -> Model:
    return Model("logistic_regression", folds=2)


def no_words(_words: str) -> None:
    """Nobody wants to know."""


@pytest.mark.slow
def test_each_fold_is_tested_by_a_model_of_the_others_at_its_own_threshold():
    cuts = list(splits.grouped(ROWS.labels, ROWS.groups, 2, seed=0))
    tested = crossed.tested(new_model, ROWS, {"grouped": cuts}, 0.9, no_words)
    assert sorted(tested["row"]) == list(range(len(ROWS)))
    for number, cut in enumerate(cuts):
        model = new_model().fit(ROWS.take(cut.train))
        at = thresholds.choose(ROWS.labels[cut.train], model.out_of_fold_, 0.9)
        part = tested["fold"] == number
        assert (tested["row"][part] == cut.test).all()
        scores = model.probability(ROWS.features[cut.test])
        assert (tested["score"][part] == scores).all()
        assert set(tested["threshold"][part]) == {at.shipped}
        assert set(tested["threshold_f1"][part]) == {at.f1}
    assert set(tested["policy"]) == {"grouped"}


@pytest.mark.slow
def test_labels_of_the_test_rows_have_no_say_in_score_or_threshold():
    (cut,) = splits.by_time(ROWS.labels, ROWS.pointings)
    labels = ROWS.labels.copy()
    labels[cut.test] = 1 - labels[cut.test]
    one, other = (
        crossed.tested(new_model, table, {"time": [cut]}, 0.92, no_words)
        for table in (ROWS, replace(ROWS, labels=labels))
    )
    assert all((one[name] == other[name]).all() for name in one)


def test_folds_are_read_as_they_were_written():
    cuts = list(splits.grouped(ROWS.labels, ROWS.groups, 5, seed=0))
    pointings = ROWS.pointings.copy()
    pointings[:5] = ""
    last = list(splits.by_time(ROWS.labels, pointings))
    for written in (cuts, last):
        read = rows.unpacked(rows.packed(written, len(ROWS)))
        assert len(read) == len(written)
        for one, other in zip(read, written, strict=True):
            assert (one.train == other.train).all()
            assert (one.test == other.test).all()


def test_every_value_is_tried_with_every_other():
    plan = replace(
        PLAN,
        algorithm="gradient_boosting",
        parameters={"max_iter": 50},
        search={"learning_rate": [0.1, 0.2], "max_leaf_nodes": [4, 6]},
    )
    assert search.candidates(plan) == [
        {"max_iter": 50, "learning_rate": rate, "max_leaf_nodes": leaves}
        for rate in (0.1, 0.2)
        for leaves in (4, 6)
    ]
    assert len(search.candidates(replace(plan, rehearsal=200))) == 2
    assert search.candidates(PLAN) == [{}]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"search": {"C": [1, 2, 3]}, "max_candidates": 2}, "of 3 sets .*; 2 may be"),
        ({"parameters": {"depth": 3}}, "has no parameter 'depth', but C"),
        ({"search": {"C": [1.0, -1.0]}}, "C is a number from"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_words(asked, reason):
    with pytest.raises(BadInput, match=reason):
        search.candidates(replace(PLAN, **asked))


@pytest.mark.slow
def test_a_search_asks_the_folds_alone_and_takes_the_best_of_them():
    cuts = list(splits.grouped(ROWS.labels, ROWS.groups, 2, seed=0))
    said: list[str] = []
    judged = [
        search.judge(PLAN, {"C": value}, ROWS, cuts, said.append)
        for value in (1e-4, 0.3)
    ]
    assert (
        said
        == ["logistic_regression: trying C 0.0001"] * 2
        + ["logistic_regression: trying C 0.3"] * 2
    )
    assert judged[0]["average_precision"] < judged[1]["average_precision"]
    assert search.best(judged) == {"C": 0.3}
    assert search.best([{"parameters": {"C": 9}, "average_precision": 1}] * 2) == {
        "C": 9
    }


def test_a_sample_has_enough_of_everything_and_each_group_before_any_twice():
    pulsars = np.flatnonzero((TABLE.labels == 1) & ~TABLE.holdout)
    table = holdout.bar(TABLE, TABLE.hashes[pulsars[:3]])
    few = sample(table, 200, seed=0)
    assert len(few) == 200
    assert few.sentinel.sum() == 3
    assert splits.enough(few.labels[few.holdout], few.groups[few.holdout])
    train = holdout.trainable(few)
    assert list(splits.by_time(train.labels, train.pointings))
    # One in four is set aside; so the rest is enough for 100 clusters.
    assert len(train) >= 100
    others = (few.labels == 0) & few.holdout
    assert len(set(few.groups[others])) == others.sum()
    assert (few.hashes == sample(table, 200, seed=0).hashes).all()
    assert (few.hashes != sample(table, 200, seed=1).hashes).any()


def test_a_sample_of_fewer_rows_than_wanted_is_all_of_them():
    assert (sample(ROWS, 5000, seed=0).hashes == ROWS.hashes).all()


def test_progress_counts_what_is_done_and_not_what_is_begun():
    told: list[tuple[int, int, str]] = []
    counter = Counter(2, lambda *said: told.append(said))
    for words in ("one", "one"):
        counter.begin(words)
    counter.end()
    assert told == [(0, 2, "one"), (1, 2, "one")]
    assert list(counter.seconds) == ["one"]
