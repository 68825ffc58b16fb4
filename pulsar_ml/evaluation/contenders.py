"""Who is held against whom, and what may be lost."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Judge(Protocol):
    """What scores: `pulsar_ml.serving.Scorer` does."""

    threshold: float

    @property
    def tells_its_rows(self) -> bool:
        """Tell whether it is known which candidates it has seen.

        Returns
        -------
        bool
            Where not, it may have been trained on any.
        """

    def trained_on(self) -> set[str]:
        """Tell which candidates it has seen.

        Returns
        -------
        set of str
            Candidate hashes of its training rows.
        """

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float32]:
        """Give each row its probability.

        Parameters
        ----------
        features : ndarray of shape (n_rows, 8)
            In the order of `pulsar_ml.features.FEATURES`.

        Returns
        -------
        ndarray of float32, shape (n_rows,)
            The probability that the row is a pulsar.
        """


class Contender(NamedTuple):
    """A version, and what people call it, such as ``pulsar/2``."""

    name: str
    judge: Judge


class Known(NamedTuple):
    """A sentinel: a known pulsar that each version should find."""

    name: str
    hash: str
    features: Sequence[float]


class Margins(NamedTuple):
    """What may be lost.

    Attributes
    ----------
    recall : float
        So much may recall fall over all rows.
    in_slice : float
        So much may it fall in a slice.
    slice_pulsars : int
        A slice with fewer pulsars is told, but refuses nobody.
    resamples : int
        Draws of the bootstrap.
    """

    recall: float = 0.01
    in_slice: float = 0.05
    slice_pulsars: int = 50
    resamples: int = 1000


def nobody_knows(*sides: Contender) -> str:
    """Say whose training rows nobody knows, as its card has it.

    Parameters
    ----------
    *sides : Contender
        Versions, of which those from elsewhere may come without a list.

    Returns
    -------
    str
        A sentence; empty where all are known.
    """
    for side in sides:
        if not side.judge.tells_its_rows:
            return f"Nobody knows which rows {side.name} was trained on."
    return ""
