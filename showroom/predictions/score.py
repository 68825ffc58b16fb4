"""Score few rows, and count and time it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.metrics import inference
from registry.serving import Served


class Scored(NamedTuple):
    """Rows with what a version says of them."""

    features: NDArray[np.float64]
    probability: list[float]
    predicted: list[bool]
    # By row, codes joined by semicolons.
    warnings: list[str]


def score(served: Served, features: NDArray[np.float64], *, source: str) -> Scored:
    """Have the version judge the rows; nothing of it is kept."""
    version, scorer = served
    with inference(version, source=source, rows=len(features)):
        probability = scorer.score(features)
    return Scored(
        features,
        probability.tolist(),
        (probability >= scorer.threshold).tolist(),
        scorer.warnings(features),
    )
