"""Candidates whose class is known, with what was noted when they were observed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets import holdout
from pulsar_ml.features import candidate_hash


@dataclass(frozen=True)
class Labelled:
    """A table of labelled rows; `labelled` makes one.

    Attributes
    ----------
    name, sha256 : str
        Of the file or the dataset.
    notes : tuple of str
        What the reader decided and what it could not use, for the user.
    features : ndarray of shape (n_rows, 8)
        In the order of `pulsar_ml.features.FEATURES`.
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    hashes : ndarray of str, shape (n_rows,)
        Candidate hashes.
    pointings : ndarray of str, shape (n_rows,)
        UTC text of the pointing, empty where it is not known.
    names : ndarray of str, shape (n_rows,)
        What people call the candidate; may be empty.
    weights : ndarray of shape (n_rows,)
        How much a row counts when a model learns; 1 unless a treatment changed it.
    holdout, sentinel : ndarray of bool, shape (n_rows,)
        True where the row must never be trained on; see `pulsar_ml.datasets.holdout`.
    observed : mapping of str to ndarray of shape (n_rows,)
        Further columns, such as beam or period: float64 with NaN for what is missing,
        or texts (object) with an empty one.
    """

    name: str
    sha256: str
    notes: tuple[str, ...]
    features: NDArray[np.float64]
    labels: NDArray[np.int8]
    hashes: NDArray[np.str_]
    pointings: NDArray[np.str_]
    names: NDArray[np.str_]
    weights: NDArray[np.float64]
    holdout: NDArray[np.bool_]
    sentinel: NDArray[np.bool_]
    observed: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def groups(self) -> NDArray[np.str_]:
        """What belongs together.

        Returns
        -------
        ndarray of str, shape (n_rows,)
            The pointing's UTC text, else the candidate hash.
        """
        return _groups(self.hashes, self.pointings)

    @property
    def pulsars(self) -> int:
        """How many rows are pulsars.

        Returns
        -------
        int
            Rows with label 1.
        """
        return int(self.labels.sum())

    def take(self, rows: NDArray[Any]) -> Self:
        """Keep some rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n_rows,), or of int
            True where a row stays; or the numbers of the rows to keep, in this order.

        Returns
        -------
        Labelled
            The same table, shorter.
        """
        arrays = {
            each.name: getattr(self, each.name)[rows]
            for each in fields(self)
            if isinstance(getattr(self, each.name), np.ndarray)
        }
        observed = {name: values[rows] for name, values in self.observed.items()}
        return replace(self, **arrays, observed=observed)


def labelled(
    features: NDArray[np.float64],
    labels: NDArray[np.int8],
    *,
    name: str,
    sha256: str = "",
    notes: tuple[str, ...] = (),
    pointings: NDArray[np.str_] | None = None,
    names: NDArray[np.str_] | None = None,
    weights: NDArray[np.float64] | None = None,
    observed: Mapping[str, NDArray[Any]] | None = None,
    known: Mapping[str, bool] | None = None,
) -> Labelled:
    """Make a table of rows, its hold-out marked by the rule.

    Parameters
    ----------
    features : ndarray of shape (n_rows, 8)
        In the order of `pulsar_ml.features.FEATURES`.
    labels : ndarray of shape (n_rows,)
        1 for a pulsar, else 0.
    name, sha256 : str
        Of the file or the dataset.
    notes : tuple of str
        What the reader decided, for the user.
    pointings, names : ndarray of str, shape (n_rows,), optional
        Empty where left out.
    weights : ndarray of shape (n_rows,), optional
        Every one 1 where left out.
    observed : mapping of str to ndarray, optional
        Further columns.
    known : mapping of str to bool, optional
        Sides of candidates that were known before; see `holdout.mark`.

    Returns
    -------
    Labelled
        No row of it is a sentinel yet; see `holdout.bar`.
    """
    n = len(labels)
    empty = np.full(n, "", dtype=np.str_)
    hashes = np.array([candidate_hash(row) for row in features], dtype=np.str_)
    pointings = empty if pointings is None else pointings
    return Labelled(
        name=name,
        sha256=sha256,
        notes=notes,
        features=features,
        labels=labels,
        hashes=hashes,
        pointings=pointings,
        names=empty if names is None else names,
        weights=np.ones(n) if weights is None else weights,
        holdout=holdout.mark(_groups(hashes, pointings), hashes, known),
        sentinel=np.zeros(n, dtype=np.bool_),
        observed=observed or {},
    )


def _groups(hashes: NDArray[np.str_], pointings: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.where(pointings == "", hashes, pointings)
