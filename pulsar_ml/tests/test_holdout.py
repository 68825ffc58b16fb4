"""Which rows no model may ever learn from."""

import ast
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml.datasets import holdout
from pulsar_ml.tests import simulated

TABLE = simulated.table(900)
PACKAGE = Path(__file__).parents[1]


def test_the_holdout_is_every_group_whose_hash_says_so():
    groups = [f"2009-01-01T00:{minute:02}:00Z" for minute in range(60)]
    digests = [hashlib.sha256(group.encode()).digest() for group in groups]
    expected = [int.from_bytes(digest[:4]) % 5 == 4 for digest in digests]
    assert holdout.mark(groups, groups).tolist() == expected
    assert 0 < sum(expected) < 30


def test_a_candidate_that_was_known_stays_on_its_side_whatever_its_pointing_says():
    groups = [f"2009-01-01T00:{minute:02}:00Z" for minute in range(60)]
    hashes = [f"{number:064x}" for number in range(60)]
    rule = holdout.mark(groups, hashes)
    known = dict(zip(hashes[:30], (~rule[:30]).tolist(), strict=True))
    marked = holdout.mark(groups, hashes, known)
    assert marked.tolist() == [*(~rule[:30]), *rule[30:]]


def test_sentinels_are_barred_by_their_hash_and_stay_barred():
    barred = holdout.bar(TABLE, TABLE.hashes[[3, 10]])
    again = holdout.bar(barred, [TABLE.hashes[4], "of another table"])
    assert np.flatnonzero(barred.sentinel).tolist() == [3, 10]
    assert np.flatnonzero(again.sentinel).tolist() == [3, 4, 10]
    assert (again.holdout == TABLE.holdout).all()


def test_what_is_trained_on_is_the_rest():
    barred = holdout.bar(TABLE, TABLE.hashes[:100])
    rows = holdout.trainable(barred)
    aside = set(TABLE.hashes[TABLE.holdout]) | set(TABLE.hashes[:100])
    assert set(rows.hashes) == set(TABLE.hashes) - aside
    holdout.guard(rows)


def test_rows_that_are_set_aside_are_refused_and_counted():
    first = np.arange(900) < 2
    with pytest.raises(holdout.Barred, match=r"2 rows of .* are in the hold-out"):
        holdout.guard(replace(TABLE, holdout=first))
    alone = replace(TABLE, holdout=~first & first, sentinel=first)
    with pytest.raises(holdout.Barred, match=r"2 rows of .* are in the sentinel set"):
        holdout.guard(alone)


def test_htru2s_holdout_is_what_every_version_ever_must_leave_alone(data):
    with (data / "HTRU_2_observations.csv").open() as file:
        pointings = [line.split(",")[2] for line in file][1:]
    assert int(holdout.mark(pointings, pointings).sum()) == 3458


def test_nothing_is_fitted_but_by_the_one_fit_that_asks_first():
    """Every call of a `fit` in the package stands in `Model`, behind the guard."""
    found = {
        (path.relative_to(PACKAGE).as_posix(), ast.unparse(node.func))
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"fit", "partial_fit", "fit_transform", "fit_predict"}
    }
    assert found == {
        # The guard, and what stands behind it.
        ("model.py", "base.fit"),
        ("model.py", "sigmoid.fit"),
        # Each is a Model.
        ("training/crossed.py", "model.fit"),
        ("training/fit.py", "new_model().fit"),
        ("training/search.py", "model.fit"),
        # Centres of clusters of the rows that step explain has guarded.
        ("reference.py", "KMeans(BACKGROUND_POINTS, n_init=1, random_state=seed).fit"),
    }
