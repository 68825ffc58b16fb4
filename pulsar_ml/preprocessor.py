"""What is done to rows between file and model: range checks, swapped columns."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.features import FEATURES, pearson_violations

MISSING = "is missing"
TOO_LARGE = "is infinite, or too large for the single precision of the models"
NEGATIVE = "is negative, which no standard deviation can be"
CONSTANT = {
    "prof_std": "is zero: the profile is constant and has no skewness or kurtosis",
    "dm_std": "is zero: the DM curve is constant and has no skewness or kurtosis",
}


class Fault(NamedTuple):
    """A value that no candidate can have."""

    row: int
    feature: int
    reason: str


class Settled(NamedTuple):
    """Whether two columns are swapped, and how many rows break each reading."""

    swapped: bool
    broken_as_named: int
    broken_swapped: int


def faults(features: NDArray[np.float64]) -> list[Fault]:
    """Find rows that no model may see.

    Parameters
    ----------
    features : ndarray of shape (n_rows, 8)
        In the order of `FEATURES`.

    Returns
    -------
    list of Fault
        The first fault of each such row, in the order of the rows.
    """
    with np.errstate(over="ignore", under="ignore"):
        single = features.astype(np.float32)
    wrong = ~np.isfinite(single)
    for name in CONSTANT:
        # Not in double precision: what vanishes in single is constant to the model.
        wrong[:, FEATURES.index(name)] |= single[:, FEATURES.index(name)] <= 0
    rows = np.flatnonzero(wrong.any(axis=1))
    return [_fault(features, int(row), int(wrong[row].argmax())) for row in rows]


def _fault(features: NDArray[np.float64], row: int, feature: int) -> Fault:
    value = features[row, feature]
    if np.isnan(value):
        return Fault(row, feature, MISSING)
    if abs(value) > np.finfo(np.float32).max:
        return Fault(row, feature, TOO_LARGE)
    if value < 0:
        return Fault(row, feature, NEGATIVE)
    return Fault(row, feature, CONSTANT[FEATURES[feature]])


def settle(
    named_skew: NDArray[np.float64],
    named_exkurt: NDArray[np.float64],
    *,
    skew_first: bool,
) -> Settled:
    """Decide which of two columns is the skewness and which the excess kurtosis.

    The reading under which fewer rows break Pearson's bound wins. On a tie the column
    that stands first is the skewness, as it is in HTRU2 whatever the header says.

    Parameters
    ----------
    named_skew, named_exkurt : ndarray of shape (n_rows,)
        The two columns under the names that the header gives them.
    skew_first : bool
        Whether the one named skewness stands before the other.

    Returns
    -------
    Settled
        Whether they are swapped, and the evidence.
    """
    as_named = pearson_violations(named_skew, named_exkurt)
    other = pearson_violations(named_exkurt, named_skew)
    swapped = other < as_named or (other == as_named and not skew_first)
    return Settled(swapped, as_named, other)
