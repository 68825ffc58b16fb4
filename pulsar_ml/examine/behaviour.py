"""What a model does: its scores of rows it has not seen, and how long they take."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadArtefact
from pulsar_ml.examine import probes
from pulsar_ml.examine.finding import Failed
from pulsar_ml.serving import Graph

# Sums of single precision may be taken in another order, row by row or all at once.
SAME = 1e-6
_ALONE = 16
_TRIES = 5
_Scores = NDArray[np.float32]


class Tried:
    """A model, loaded to be tried.

    Parameters
    ----------
    raw : bytes
        The ONNX file, in which nothing was found before.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._graph: Graph | None = None
        self._rows = probes.rows()

    def loads(self) -> str:
        """Load it.

        Returns
        -------
        str
            That it loads.

        Raises
        ------
        Failed
            If onnxruntime refuses it.
        """
        try:
            self._graph = Graph(self._raw)
        except BadArtefact as error:
            cause = str(error.__cause__ or error)[:200]
            raise Failed(f"onnxruntime does not load it: {cause}") from error
        return "onnxruntime loads it."

    def range(self) -> str:
        """Check that it gives probabilities, and not always the same.

        Returns
        -------
        str
            From which to which.

        Raises
        ------
        Failed
            If one is none, or all are alike.
        """
        scores = self.score(self._rows)
        if not np.isfinite(scores).all():
            n = int((~np.isfinite(scores)).sum())
            raise Failed(f"{n:,} of {len(scores):,} ordinary rows get no number.")
        low, high = float(scores.min()), float(scores.max())
        if low < 0 or high > 1:
            raise Failed(
                f"Its scores go from {low:.4g} to {high:.4g}, not from 0 to 1."
            )
        if high - low < SAME:
            raise Failed(f"It says {low:.4g} of every row.")
        return f"From {low:.4f} to {high:.4f} on {len(scores):,} rows."

    def repeats(self) -> str:
        """Check that a row's score is a matter of that row alone.

        Returns
        -------
        str
            That it is.

        Raises
        ------
        Failed
            If it changes by itself, by its neighbours or by its place.
        """
        rows = self._rows
        first = self.score(rows)
        self._compare(first, self.score(rows), "when it is asked again")
        self._compare(first[::-1], self.score(rows[::-1]), "in another order")
        alone = [self.score(row[None]) for row in rows[:_ALONE]]
        self._compare(first[:_ALONE], np.concatenate(alone), "alone")
        mixed = rows.copy()
        mixed[1::2] = np.nan
        self._compare(first[::2], self.score(mixed)[::2], "beside rows without numbers")
        return "Again, alone, in another order: the same scores."

    def odd(self) -> str:
        """See what it makes of what is no candidate.

        Returns
        -------
        str
            What it says; any answer will do, for such rows never reach a model.
        """
        words = ("NaN", "inf", "-inf", "the greatest", "the least", "0", "1e-38")
        scores = self.score(probes.odd())
        told = ", ".join(
            f"{word}: {score:.3g}" for word, score in zip(words, scores, strict=True)
        )
        return f"It says, where every feature is so: {told}."

    def time(self, limit: float) -> str:
        """Take the time of one row, and of as many as are scored at once.

        Parameters
        ----------
        limit : float
            Microseconds for a row.

        Returns
        -------
        str
            What they took.

        Raises
        ------
        Failed
            If a row took longer.
        """
        one = min(_timed(lambda: self.score(self._rows[:1])) for _ in range(_TRIES))
        block = probes.block()
        many = _timed(lambda: self.score(block)) / len(block)
        if max(one, many) * 1e6 > limit:
            raise Failed(
                f"A row takes {max(one, many) * 1e6:,.0f} microseconds; {limit:,.0f}"
                " are allowed (push.row_microseconds)."
            )
        return (
            f"A row alone {one * 1e6:,.1f} microseconds, of {len(block):,} at once"
            f" {many * 1e6:,.2f}."
        )

    def score(self, rows: NDArray[Any]) -> _Scores:
        """Score rows.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, 8)
            Any.

        Returns
        -------
        ndarray of float32, shape (n_rows,)
            What it says.

        Raises
        ------
        Failed
            If it fails over them.
        """
        from onnxruntime.capi import (  # noqa: PLC0415  # as `Graph` does
            onnxruntime_pybind11_state as failures,
        )

        failing = (
            failures.Fail,
            failures.InvalidArgument,
            failures.NotImplemented,
            failures.RuntimeException,
            ValueError,
            IndexError,
            MemoryError,
        )
        if self._graph is None:
            raise Failed("It was not loaded.")
        try:
            return self._graph.score(rows)
        except failing as error:
            said = str(error)[:200] or type(error).__name__
            raise Failed(f"It fails over {len(rows):,} rows: {said}") from error

    def _compare(self, first: _Scores, then: _Scores, how: str) -> None:
        # A score that is no number differs, too.
        worst = float(np.abs(first - then).max())
        if not worst <= SAME:
            raise Failed(f"A row's score differs by up to {worst:.3g} {how}.")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
