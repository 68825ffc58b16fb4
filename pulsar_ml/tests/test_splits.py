"""Which rows train and which test."""

import numpy as np
import pytest

from pulsar_ml import splits
from pulsar_ml.tests import simulated

TABLE = simulated.table(900)


def test_stratified_folds_test_each_row_once_and_share_the_pulsars():
    folds = list(splits.stratified(TABLE.labels, 5, seed=0))
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(900))
    assert [int(TABLE.labels[fold.test].sum()) for fold in folds] == [18] * 5
    assert all(not set(fold.train) & set(fold.test) for fold in folds)


def test_grouped_folds_never_split_a_pointing():
    folds = list(splits.grouped(TABLE.labels, TABLE.groups, 5, seed=0))
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(900))
    for fold in folds:
        assert not set(TABLE.groups[fold.train]) & set(TABLE.groups[fold.test])


def test_by_time_trains_on_the_years_before_the_last():
    pointings = TABLE.pointings.copy()
    pointings[7] = ""
    (fold,) = splits.by_time(TABLE.labels, pointings)
    years = np.array([pointing[:4] for pointing in pointings])
    assert set(years[fold.train]) == {"2008", "2009"}
    assert set(years[fold.test]) == {"2010"}
    assert len(fold.train) + len(fold.test) == 899


@pytest.mark.parametrize("year", ["", "2010"])
def test_by_time_needs_two_years(year):
    pointings = np.array([f"{year}{row}"[: 4 if year else 0] for row in range(900)])
    assert list(splits.by_time(TABLE.labels, pointings)) == []


def test_by_time_needs_pulsars_on_both_sides():
    early = np.array([pointing < "2010" for pointing in TABLE.pointings])
    labels = np.where(early, TABLE.labels, 0).astype(np.int8)
    assert list(splits.by_time(labels, TABLE.pointings)) == []


def test_many_pulsars_of_one_pointing_are_not_enough():
    labels = np.repeat(np.array([1, 0], dtype=np.int8), 50)
    groups = np.arange(100).astype(str)
    assert splits.enough(labels, groups)
    assert not splits.enough(labels, np.where(labels == 1, "one", groups))
