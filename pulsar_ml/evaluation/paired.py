"""What two versions find of the same pulsars, when as many others may be called."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating[Any]]
# Is told how much is done, of how much.
Tell = Callable[[int, int], None]


class Pair(NamedTuple):
    """Rows that neither version was trained on, and what both say of them.

    Attributes
    ----------
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    groups : ndarray of str, shape (n_rows,)
        The pointing of each row, else its hash.
    candidate, champion : ndarray of shape (n_rows,)
        Scores.
    at : float
        The champion's own threshold.
    """

    labels: NDArray[np.int8]
    groups: NDArray[np.str_]
    candidate: Scores
    champion: Scores
    at: float

    @property
    def allowed(self) -> int:
        """How many of the others may be called pulsars.

        Returns
        -------
        int
            As many as the champion calls so.
        """
        return int(np.count_nonzero((self.champion >= self.at) & (self.labels != 1)))


def at_most(allowed: int, labels: NDArray[np.int8], scores: Scores) -> float:
    """Give the lowest threshold at which no more of the others are called pulsars.

    Parameters
    ----------
    allowed : int
        So many of the others may be called.
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    scores : ndarray of shape (n_rows,)
        Probabilities.

    Returns
    -------
    float
        A score that some row has, if any lies high enough; rows with the same score
        are called together, or none of them is.
    """
    others = -np.sort(-scores[labels != 1])
    if allowed >= len(others):
        return 0.0
    first_not_called = others[allowed]
    higher = scores[scores > first_not_called]
    return float(higher.min() if higher.size else np.nextafter(first_not_called, 2))


def drawn_differences(
    pair: Pair, times: int, *, seed: int = 0, tell: Tell = lambda _done, _of: None
) -> list[float]:
    """Draw groups again and again, and compare both versions by each draw.

    Parameters
    ----------
    pair : Pair
        Rows and scores.
    times : int
        How many draws.
    seed : int
        Of the draws.
    tell : callable, optional
        Told after every hundredth draw how many are done, of how many.

    Returns
    -------
    list of float
        By draw: the candidate's recall less the champion's on the same rows, the
        candidate at the threshold that calls no more others of the draw than the
        champion does; NaN where a draw has no pulsars or nothing else.
    """
    found = []
    for done, difference in enumerate(_differences(pair, times, seed)):
        if done % 100 == 0:
            tell(done, times)
        found.append(difference)
    return found


def _differences(pair: Pair, times: int, seed: int) -> Iterator[float]:
    rng = np.random.default_rng(seed)
    _, group = np.unique(pair.groups, return_inverse=True)
    n_groups = int(group.max()) + 1
    pulsars, others = _ranked(pair, 1), _ranked(pair, 0)
    called = pair.champion >= pair.at
    # How many pulsars score above each of the others: those of the same score do not.
    above = np.searchsorted(-pair.candidate[pulsars], -pair.candidate[others])
    called_pulsars, called_others = called[pulsars], called[others]
    for _ in range(times):
        drawn = rng.integers(n_groups, size=n_groups)
        # A row counts as often as its group was drawn, which spares the drawn rows.
        weight = np.bincount(drawn, minlength=n_groups)[group]
        of_pulsars, of_others = weight[pulsars], weight[others].cumsum()
        n_pulsars = of_pulsars.sum()
        if not n_pulsars or not of_others[-1]:
            yield float("nan")
            continue
        allowed = weight[others] @ called_others
        place = np.searchsorted(of_others, allowed, side="right")
        reached = above[place] if place < len(others) else len(pulsars)
        theirs = of_pulsars @ called_pulsars
        yield float((of_pulsars[:reached].sum() - theirs) / n_pulsars)


def _ranked(pair: Pair, label: int) -> NDArray[np.intp]:
    """Rows of one class, that with the candidate's highest score first."""
    rows = np.flatnonzero((pair.labels == 1) == bool(label))
    return rows[np.argsort(-pair.candidate[rows], kind="stable")]
