"""Refuse rows that no model may see, all of them with their places."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import preprocessor
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES

# One call may bring so many; more are a file's business.
MOST = 10_000
# Faults that are told; who has more has the same one in every row.
_TOLD = 100


class UnusableRows(BadInput):
    """Rows with values that no candidate can have."""

    def __init__(self, faults: Sequence[preprocessor.Fault]) -> None:
        self.faults = faults[:_TOLD]
        first = faults[0]
        more = f" So are {len(faults) - 1:,} others." if len(faults) > 1 else ""
        super().__init__(
            f"Row {first.row + 1} is of no use: {FEATURES[first.feature]} "
            f"{first.reason}.{more}"
        )


def usable(
    rows: Sequence[Sequence[float]] | NDArray[np.float64],
) -> NDArray[np.float64]:
    """The rows as they are scored, or why they cannot be."""
    if not len(rows):
        raise BadInput("There is no row to classify.")
    must_be_few(len(rows))
    features = np.array(rows, dtype=np.float64)
    if faults := preprocessor.faults(features):
        raise UnusableRows(faults)
    return features


def must_be_few(n_rows: int) -> None:
    """Refuse more rows than one call may bring, at best before they are unfolded."""
    if n_rows > MOST:
        raise BadInput(f"One call takes at most {MOST:,} rows; upload a file instead.")
