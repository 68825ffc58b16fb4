"""The difference between a dataset and its parent."""

from dataclasses import replace

import numpy as np

from pulsar_ml.datasets.difference import difference
from pulsar_ml.tests import simulated

PARENT = simulated.table(40)


def test_the_same_rows_differ_in_nothing():
    told = difference(PARENT, PARENT)
    shifts = told.pop("shifts")
    assert {shift["distance"] for shift in shifts} == {0}
    assert told == {
        "added": {"rows": 0, "pulsars": 0},
        "removed": {"rows": 0, "pulsars": 0},
        "kept": {"rows": 40, "pulsars": 4},
        "relabelled": {"to_pulsar": 0, "to_other": 0, "named": []},
        "reweighted": 0,
        "moved": 0,
    }


def test_rows_that_came_went_and_changed_are_told_apart():
    new = simulated.table(44, seed=1).take(np.arange(30, 33))
    kept = PARENT.take(np.arange(38)[::-1])
    labels = kept.labels.copy()
    labels[[0, 37]] = [1, 0]
    changed = replace(
        kept,
        labels=labels,
        names=np.array([f"J{n}" for n in range(38)]),
        weights=np.where(kept.labels == 1, 2.0, 1.0),
        holdout=np.append(~kept.holdout[:1], kept.holdout[1:]),
    )
    child = replace(
        changed,
        **{
            name: np.concatenate([getattr(changed, name), getattr(new, name)])
            for name in (
                *("features", "labels", "hashes", "pointings", "names"),
                *("weights", "holdout", "sentinel"),
            )
        },
    )
    told = difference(PARENT, child)
    assert told.pop("shifts")
    assert told == {
        "added": {"rows": 3, "pulsars": 1},
        "removed": {"rows": 2, "pulsars": 0},
        "kept": {"rows": 38, "pulsars": 4},
        "relabelled": {
            "to_pulsar": 1,
            "to_other": 1,
            "named": [
                {"row": 1, "name": "J0", "label": 1},
                {"row": 38, "name": "J37", "label": 0},
            ],
        },
        "reweighted": 4,
        "moved": 1,
    }


def test_of_a_candidate_with_several_rows_the_first_is_compared():
    twice = PARENT.take(np.array([0, 1, 0]))
    later = replace(twice, weights=np.array([1.0, 1.0, 5.0]))
    told = difference(PARENT, later)
    assert (told["reweighted"], told["kept"]["rows"]) == (0, 3)
    assert told["removed"]["rows"] == 38


def test_columns_are_ordered_by_how_far_they_moved():
    features = PARENT.features.copy()
    features[:, 4] += 1000  # farther than any value
    features[:, 0] = np.sort(features[:, 0])
    observed = {"dm": np.full(40, np.nan)}
    child = replace(PARENT, features=features, observed=observed)
    first, *others = difference(replace(PARENT, observed=observed), child)["shifts"]
    middle = float(np.median(PARENT.features[:, 4]))
    assert first == {
        "name": "dm_mean",
        "before": float(f"{middle:.6g}"),
        "after": float(f"{middle + 1000:.6g}"),
        "distance": 1.0,
    }
    # Of a column without values nothing can be said.
    assert [other["name"] for other in others].count("dm") == 0
    assert {other["distance"] for other in others} == {0}
