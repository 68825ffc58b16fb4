"""Axes that are stretched, and what is written along them."""

import numpy as np
import pytest

from pulsar_ml.features import FEATURES
from pulsar_ml.stretch import stretch, ticks, unstretch


@pytest.mark.parametrize("feature", FEATURES)
def test_places_lead_back_to_their_values(feature):
    values = np.array([-1e6, -3, 0, 0.5, 40, 1e9])

    places = stretch(feature, values)
    assert (np.diff(places) > 0).all()
    assert unstretch(feature, places) == pytest.approx(values, rel=1e-9)


@pytest.mark.parametrize(
    ("feature", "low", "high", "expected"),
    [
        ("prof_mean", 6.2, 192.6, [50, 100, 150]),
        ("prof_mean", -0.5, 0.5, [-0.4, -0.2, 0, 0.2, 0.4]),
        ("prof_skew", -1.9, 8, [-1, 0, 1, 2, 5]),
        ("dm_exkurt", -1e6, 1e6, [-1e6, -1e4, -100, 0, 100, 1e4, 1e6]),
        ("dm_mean", 0.2, 222, [1, 5, 10, 20, 50, 100, 200]),
        ("dm_mean", 30, 150, [40, 60, 80, 100, 120]),
        ("prof_exkurt", 1.2, 1.4, [1.2, 1.25, 1.3, 1.35]),
        ("prof_exkurt", -40, -3, [-20, -10, -5]),
    ],
)
def test_ticks_are_round_and_not_crowded(feature, low, high, expected):
    assert ticks(feature, low, high) == pytest.approx(expected)


@pytest.mark.parametrize("feature", ["prof_mean", "prof_exkurt"])
@pytest.mark.parametrize(
    ("low", "high"), [(-1e100, 1e100), (0, 1e100), (7, 7 + 1e-7), (-1e-30, 1e-30)]
)
def test_no_axis_is_too_long_or_too_short_for_ticks(feature, low, high):
    found = ticks(feature, low, high)

    assert 0 < len(found) <= 10
    assert all(low <= value <= high for value in found)
