"""Rows to try a model on: of what is shipped, so that every model meets the same."""

import json

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import artefact, serving
from pulsar_ml.features import FEATURES

_ROWS = 400
# What the site scores at once, at most.
BLOCK = 65_536


def rows() -> NDArray[np.float32]:
    """Give rows like pulsars, like others, and between.

    Returns
    -------
    ndarray of float32, shape (500, 8)
        The background points of the shipped version; and rows drawn between the
        quantiles of either class, each time the same.
    """
    path = serving.shipped()[-1] / artefact.REFERENCE
    reference = json.loads(path.read_bytes())
    drawn = np.random.default_rng(0).random((_ROWS, len(FEATURES)))
    parts = [np.array(reference["background"]["points"])]
    for label, part in zip(("0", "1"), np.array_split(drawn, 2), strict=True):
        known = [reference["classes"][label][name]["quantiles"] for name in FEATURES]
        columns = [
            np.interp(part[:, i], [float(at) for at in one], list(one.values()))
            for i, one in enumerate(known)
        ]
        parts.append(np.column_stack(columns))
    return np.concatenate(parts).astype(np.float32)


def block() -> NDArray[np.float32]:
    """Give as many rows as the site scores at once.

    Returns
    -------
    ndarray of float32, shape (65536, 8)
        Those of `rows`, again and again.
    """
    return np.resize(rows(), (BLOCK, len(FEATURES)))


def odd() -> NDArray[np.float32]:
    """Give rows that no candidate has: no numbers, without end, of any size.

    Returns
    -------
    ndarray of float32, shape (7, 8)
        One oddity a row.
    """
    great = np.finfo(np.float32).max
    oddities = [np.nan, np.inf, -np.inf, great, -great, 0.0, 1e-38]
    return np.repeat(np.array(oddities, dtype=np.float32)[:, None], 8, axis=1)
