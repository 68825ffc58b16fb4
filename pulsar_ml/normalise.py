"""Normalisation of raw candidates for the eye; no feature ever sees it."""

import numpy as np

from pulsar_ml.candidate import Image

_LEVELS = 255  # that a row of a PHCX has


def rows_alike(image: Image) -> Image:
    """Give all rows the same base line and the same noise.

    Without it a sub-band of twice the gain outshines all others. As usual for folded
    profiles, the noise is the standard deviation off the pulse (Lorimer & Kramer 2005,
    Handbook of Pulsar Astronomy).

    Parameters
    ----------
    image : Image
        Intensity over phase, one row for each sub-integration or sub-band, of shape
        (n_rows, n_bins).

    Returns
    -------
    Image
        Each row less its median, over its standard deviation in those half of all bins
        in which the sum of the rows is faintest, or over the rounding of a byte if that
        is more, as in bright pulses of few levels. A constant row, as a dead sub-band
        has it, is NaN.
    """
    values = np.asarray(image.values, dtype=np.float64)
    centred = values - np.median(values, axis=1, keepdims=True)
    spread = np.ptp(values, axis=1)
    dead = spread == 0
    scale = np.where(dead, 1, spread)
    total = (centred / scale[:, np.newaxis]).sum(axis=0)
    faint = np.argsort(total, kind="stable")[: (len(total) + 1) // 2]
    noise = np.maximum(values[:, faint].std(axis=1), scale / _LEVELS / np.sqrt(12))
    alike = np.where(dead[:, np.newaxis], np.nan, centred / noise[:, np.newaxis])
    return image._replace(values=alike, z_label="Intensity over noise")
