"""What no candidate can have, and which of two columns is which."""

import numpy as np

from pulsar_ml.features import FEATURES
from pulsar_ml.preprocessor import Fault, Settled, faults, settle

GOOD = np.array([100.0, 40, 0.1, 0.2, 3, 20, 8, 70])


def with_value(feature: str, value: float) -> np.ndarray:
    row = GOOD.copy()
    row[FEATURES.index(feature)] = value
    return row


def test_only_impossible_values_are_faults_and_the_first_of_a_row_is_told():
    rows = [
        GOOD,
        with_value("prof_mean", np.nan),
        with_value("dm_skew", -np.inf),
        with_value("dm_mean", 3.5e38),
        with_value("prof_std", -1),
        with_value("dm_std", 0),
        with_value("prof_std", 1e-50),
        with_value("prof_mean", -3.4e38),
        with_value("prof_skew", 1e-50),
        np.full(8, np.nan),
    ]
    too_large = "is infinite, or too large for the single precision of the models"
    constant = "is constant and has no skewness or kurtosis"

    assert faults(np.array(rows)) == [
        Fault(1, 0, "is missing"),
        Fault(2, 6, too_large),
        Fault(3, 4, too_large),
        Fault(4, 1, "is negative, which no standard deviation can be"),
        Fault(5, 5, f"is zero: the DM curve {constant}"),
        Fault(6, 1, f"is zero: the profile {constant}"),
        Fault(9, 0, "is missing"),
    ]


def test_the_reading_that_fewer_rows_break_wins_and_a_tie_goes_by_position():
    skew, exkurt = np.array([3.0, 8.0, 0.1]), np.array([9.0, 70.0, 0.2])
    even = np.array([0.1, 0.2, 0.3])

    assert settle(skew, exkurt, skew_first=False) == Settled(False, 0, 2)
    assert settle(exkurt, skew, skew_first=True) == Settled(True, 2, 0)
    assert settle(even, even, skew_first=True) == Settled(False, 0, 0)
    assert settle(even, even, skew_first=False) == Settled(True, 0, 0)
