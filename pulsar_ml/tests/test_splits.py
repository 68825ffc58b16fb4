"""Which rows train and which test."""

import hashlib

import numpy as np

from pulsar_ml import splits
from pulsar_ml.tests import simulated

TABLE = simulated.table(400)


def test_the_holdout_is_every_group_whose_hash_says_so():
    groups = [f"2009-01-01T00:{minute:02}:00Z" for minute in range(60)]
    digests = [hashlib.sha256(group.encode()).digest() for group in groups]
    expected = [int.from_bytes(digest[:4]) % 5 == 4 for digest in digests]
    assert splits.holdout(groups).tolist() == expected
    assert 0 < sum(expected) < 30


def test_stratified_folds_test_each_row_once_and_share_the_pulsars():
    folds = list(splits.stratified(TABLE.labels, 5, seed=0))
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(400))
    assert [int(TABLE.labels[fold.test].sum()) for fold in folds] == [8] * 5
    assert all(not set(fold.train) & set(fold.test) for fold in folds)


def test_grouped_folds_never_split_a_pointing():
    folds = list(splits.grouped(TABLE.labels, TABLE.groups, 5, seed=0))
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(400))
    for fold in folds:
        assert not set(TABLE.groups[fold.train]) & set(TABLE.groups[fold.test])


def test_by_time_trains_on_the_years_before_the_last():
    pointings = np.array(["2010-x", "2008-x", "", "2009-x", "2010-y"])
    (fold,) = splits.by_time(pointings)
    assert (fold.train.tolist(), fold.test.tolist()) == ([1, 3], [0, 4])


def test_by_time_needs_two_years():
    assert list(splits.by_time(np.array(["2010-x", "", "2010-y"]))) == []


def test_htru2s_holdout_is_what_every_version_ever_must_leave_alone(data):
    with (data / "HTRU_2_observations.csv").open() as file:
        pointings = [line.split(",")[2] for line in file][1:]
    assert int(splits.holdout(pointings).sum()) == 3458
