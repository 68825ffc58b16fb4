"""What is remembered of the training rows."""

import numpy as np
import pytest

from pulsar_ml import reference
from pulsar_ml.density import densities
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.tests import simulated

pytestmark = pytest.mark.slow

TABLE = simulated.table(1000)
SUMMARY = reference.summarise(TABLE.features, TABLE.labels)


def test_ranges_and_box_are_the_extremes_and_the_outer_percentiles():
    column = TABLE.features[:, 3]
    box = np.quantile(column, [0.01, 0.99])
    assert SUMMARY["ranges"]["prof_exkurt"] == pytest.approx(
        [column.min(), column.max()], rel=1e-5
    )
    assert SUMMARY["box"]["prof_exkurt"] == pytest.approx(list(box), rel=1e-5)
    assert list(SUMMARY["ranges"]) == list(SUMMARY["box"]) == list(FEATURES)


def test_every_row_of_a_class_is_in_its_histogram_or_beside_it():
    for label, rows in (("0", 900), ("1", 100)):
        for shape in SUMMARY["classes"][label].values():
            assert sum(shape["counts"]) + shape["below"] + shape["above"] == rows
            assert len(shape["edges"]) == len(shape["counts"]) + 1
            assert list(shape["quantiles"].values()) == sorted(
                shape["quantiles"].values()
            )


def test_both_classes_are_mapped_over_every_pair():
    assert SUMMARY["densities"] == densities(TABLE.features, TABLE.labels)


def test_no_background_point_is_a_row_even_where_a_row_stands_alone():
    lonely = TABLE.features.copy()
    lonely[:60] *= np.arange(10, 70)[:, None]  # sixty clusters of one row
    points = np.array(reference.background(lonely)["points"])
    weights = reference.background(lonely)["weights"]
    assert points.shape == (100, 8)
    assert sum(weights) == pytest.approx(1, abs=1e-4)
    assert sum(weight < 5 / 1000 for weight in weights) >= 30
    distances = np.abs(points[:, None] - lonely[None]) / lonely.std(axis=0)
    assert distances.max(axis=2).min() > 1e-3
    rows = {candidate_hash(row) for row in lonely}
    assert not rows & {candidate_hash(point) for point in points}


def test_a_feature_that_is_the_same_everywhere_is_remembered_as_that():
    """A treatment may have clipped it."""
    features = TABLE.features.copy()
    features[:, 4] = 3.0
    summary = reference.summarise(features, TABLE.labels)
    assert summary["ranges"]["dm_mean"] == [3.0, 3.0]
    assert {point[4] for point in summary["background"]["points"]} == {3.0}
    assert set("".join(summary["densities"]["prof_mean dm_mean"]["0"]["cells"])) > {"0"}


def test_the_same_rows_give_the_same_summary():
    assert reference.summarise(TABLE.features, TABLE.labels) == SUMMARY
