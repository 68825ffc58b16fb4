"""Several rows of one candidate: what they share, which class holds, which stays."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled


class _Same(NamedTuple):
    """Rows by candidate: the first row of each, and each row's candidate by number."""

    first: NDArray[np.intp]
    of: NDArray[np.intp]

    @property
    def n(self) -> int:
        return len(self.first)


def share(table: Labelled) -> Labelled:
    """Let all rows of a candidate know what one of them knows.

    Parameters
    ----------
    table : Labelled
        Any rows.

    Returns
    -------
    Labelled
        The same rows; each has the first name and pointing that its candidate has if
        it had none itself, and is in the hold-out or a sentinel if any row of its
        candidate is: else a copy of it could be trained on.
    """
    same = _same(table)
    return replace(
        table,
        names=_filled(table.names, same),
        pointings=_filled(table.pointings, same),
        holdout=_any(table.holdout, same),
        sentinel=_any(table.sentinel, same),
    )


def firsts(table: Labelled) -> NDArray[np.intp]:
    """Find the first row of each candidate.

    Parameters
    ----------
    table : Labelled
        Any rows.

    Returns
    -------
    ndarray of int
        Numbers of the rows, ascending.
    """
    return np.sort(_same(table).first)


def agreed(table: Labelled, rule: str) -> NDArray[np.bool_]:
    """Find the rows whose class holds, where a candidate was called both.

    Parameters
    ----------
    table : Labelled
        The oldest row first.
    rule : str
        ``newest``, ``majority`` (the newest where there is none), ``pulsar``, or
        ``drop`` for neither.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        True for every row of a candidate of one class, and else for those of the class
        that the rule chooses.
    """
    same = _same(table)
    n = np.bincount(same.of, minlength=same.n)
    pulsars = np.bincount(same.of, weights=table.labels, minlength=same.n)
    newest = np.zeros(same.n, dtype=np.int8)
    # Of values given to one place, the last stays.
    newest[same.of] = table.labels
    more = np.where(2 * pulsars == n, newest, 2 * pulsars > n)
    everywhere = np.ones(same.n, dtype=np.int8)
    holds = {
        "newest": newest,
        "majority": more,
        "pulsar": everywhere,
        "drop": -everywhere,
    }[rule]
    both = (pulsars > 0) & (pulsars < n)
    return np.asarray(~both[same.of] | (table.labels == holds[same.of]))


def keys(table: Labelled) -> NDArray[np.bytes_]:
    """Give what tells candidates apart, in a quarter of the room.

    Parameters
    ----------
    table : Labelled
        Any rows.

    Returns
    -------
    ndarray of bytes, shape (n_rows,)
        Their hashes.
    """
    return table.hashes.astype("S64")


def _same(table: Labelled) -> _Same:
    _, first, of = np.unique(keys(table), return_index=True, return_inverse=True)
    return _Same(first, of)


def _filled(texts: NDArray[np.str_], same: _Same) -> NDArray[np.str_]:
    known = np.flatnonzero(texts != "")[::-1]
    text_of = np.full(same.n, "", dtype=texts.dtype)
    # Backwards, so that the first that is known stays.
    text_of[same.of[known]] = texts[known]
    return np.where(texts == "", text_of[same.of], texts)


def _any(mask: NDArray[np.bool_], same: _Same) -> NDArray[np.bool_]:
    return np.bincount(same.of, weights=mask, minlength=same.n)[same.of] > 0
