"""The eight features: their names, their order, and what identifies a candidate."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "prof_mean",
    "prof_std",
    "prof_skew",
    "prof_exkurt",
    "dm_mean",
    "dm_std",
    "dm_skew",
    "dm_exkurt",
)


def candidate_hash(features: Iterable[float]) -> str:
    """Identify a candidate by its features.

    Parameters
    ----------
    features : iterable of 8 floats
        In the order of `FEATURES`.

    Returns
    -------
    str
        SHA-256, as 64 hexadecimal digits, of the features written as ``%.6g`` and
        joined by commas. All 17,898 rows of HTRU2 differ under it.
    """
    text = ",".join(f"{value:.6g}" for value in features)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def pearson_violations(skew: NDArray[np.float64], exkurt: NDArray[np.float64]) -> int:
    """Count rows that no sample can have.

    Every distribution obeys Pearson's bound, excess kurtosis >= skewness**2 - 2
    (Pearson 1916, Phil. Trans. R. Soc. A 216, 429). A table whose two columns are
    swapped breaks it in many rows.

    Parameters
    ----------
    skew, exkurt : ndarray of shape (n_rows,)
        Skewness and excess kurtosis; rows that are not finite are not counted.

    Returns
    -------
    int
        The number of rows below the bound.
    """
    # Printed digits move a row that lies on the bound by about 1e-8 of its size.
    slack = 1e-6 * (1 + np.abs(exkurt))
    return int(np.count_nonzero(exkurt < skew**2 - 2 - slack))
