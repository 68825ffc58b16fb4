"""The maps of the training rows, and the outlines drawn from them."""

import numpy as np
import pytest

from pulsar_ml import landscape
from pulsar_ml.density import densities
from pulsar_ml.features import FEATURES
from pulsar_ml.landscape import LEVELS
from pulsar_ml.stretch import stretch

# A wide class, and within it a narrow one of a third as many.
RANDOM = np.random.default_rng(0)
LABELS = (np.arange(4000) % 4 == 0).astype(np.int8)
ROWS = RANDOM.normal(LABELS[:, None], 1 - 0.4 * LABELS[:, None], size=(4000, 8))
MAPS = densities(ROWS, LABELS)
RANGES = {
    name: [ROWS[:, place].min(), ROWS[:, place].max()]
    for place, name in enumerate(FEATURES)
}
REFERENCE = {"densities": MAPS, "ranges": RANGES}


def levels(found: dict) -> np.ndarray:
    return np.array([[LEVELS.index(level) for level in row] for row in found["cells"]])


def inside(x: np.ndarray, y: np.ndarray, rings: list) -> np.ndarray:
    """Which points lie within an odd number of closed lines."""
    odd = np.zeros(len(x), dtype=bool)
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if y1 != y2:
                spans = (y1 > y) != (y2 > y)
                odd ^= spans & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return odd


def test_both_classes_are_mapped_over_every_pair_of_features():
    assert len(MAPS) == 28
    for pair, classes in MAPS.items():
        x, y = pair.split()
        assert FEATURES.index(x) < FEATURES.index(y)
        assert list(classes) == ["0", "1"]
        for found in classes.values():
            assert levels(found).shape == (40, 40)
            assert levels(found).max() == 35


def test_the_first_feature_lies_across_and_the_second_upwards():
    features = np.random.default_rng(0).normal(size=(400, 8))
    features[:390, 0], features[:390, 1] = 0.9, 0.1
    features[390:, :2] = np.linspace(0, 1, 10)[:, None]
    found = densities(features, (np.arange(400) < 390).astype(np.int8))

    densest = np.argwhere(levels(found["prof_mean prof_std"]["1"]) == 35)
    assert densest.tolist() == [[4, 36]]


def test_a_row_that_stands_alone_leaves_no_trace():
    # Four at one place are as little as one; others hold the ends of the axes.
    rows, lonely = ROWS.copy(), np.flatnonzero(LABELS == 1)[:4]
    rows[lonely] = -2.5
    without = np.delete(np.arange(len(rows)), lonely)

    there = densities(rows, LABELS)
    gone = densities(rows[without], LABELS[without])
    assert {pair: maps["1"]["cells"] for pair, maps in there.items()} == {
        pair: maps["1"]["cells"] for pair, maps in gone.items()
    }


def test_outlines_hold_the_shares_of_rows_that_they_name():
    for x, y in [("prof_mean", "dm_skew"), ("dm_exkurt", "prof_skew")]:
        outlines = landscape.outlines(REFERENCE, x, y)
        assert [(found.pulsars, found.share) for found in outlines] == [
            (False, 0.9),
            (False, 0.5),
            (True, 0.9),
            (True, 0.5),
        ]
        for found in outlines:
            rows = ROWS[found.pulsars == LABELS]
            places = (stretch(name, rows[:, FEATURES.index(name)]) for name in (x, y))
            held = inside(*places, found.rings).mean()
            assert held == pytest.approx(found.share, abs=0.03)


def test_turned_axes_turn_the_outlines():
    there = landscape.outlines(REFERENCE, "prof_mean", "dm_skew")
    turned = landscape.outlines(REFERENCE, "dm_skew", "prof_mean")

    for one, other in zip(there, turned, strict=True):
        assert {point for ring in one.rings for point in ring} == {
            (x, y) for ring in other.rings for y, x in ring
        }


def test_a_share_that_is_not_shown_has_no_outline():
    rows = np.random.default_rng(0).uniform(size=(104, 8))
    labels = (np.arange(104) < 4).astype(np.int8)
    maps = densities(rows, labels)["prof_mean prof_std"]

    assert not levels(maps["1"]).any()
    assert maps["1"]["contours"] == {}


def test_pairs_are_ordered_by_how_little_the_classes_overlap():
    rows = np.random.default_rng(0).normal(size=(2000, 8))
    labels = (np.arange(2000) < 1000).astype(np.int8)
    rows[labels == 1, 2] += 8
    rows[labels == 1, 5] += 4
    found = landscape.apart({"densities": densities(rows, labels)})

    assert len(found) == len(set(found)) == 28
    assert {name for pair in found[:7] for name in pair} == set(FEATURES)
    assert all("prof_skew" in pair for pair in found[:7])
    assert all("dm_std" in pair for pair in found[7:13])


def test_a_version_without_maps_has_no_outlines_and_no_best_pair():
    assert landscape.outlines({"ranges": RANGES}, "prof_mean", "dm_skew") == []
    assert landscape.apart({"ranges": RANGES}) == []
