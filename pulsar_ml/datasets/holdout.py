"""Which rows no model may ever learn from: the one place that knows and refuses."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import PulsarError

if TYPE_CHECKING:
    from pulsar_ml.datasets.labelled import Labelled


class Barred(PulsarError):
    """Rows of the hold-out or of the sentinel set were about to be trained on."""


def in_holdout(group: str) -> bool:
    """Say whether the rows of a group belong to the hold-out.

    Parameters
    ----------
    group : str
        The UTC text of the pointing, such as ``2008-11-24T06:37:34Z``, else the
        candidate hash.

    Returns
    -------
    bool
        The same for ever: one group in five, whatever else is in the table.
    """
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 5 == 4


def mark(
    groups: Iterable[str],
    hashes: Iterable[str],
    known: Mapping[str, bool] | None = None,
) -> NDArray[np.bool_]:
    """Mark the rows of the hold-out.

    Parameters
    ----------
    groups : iterable of str
        The group of each row; see `in_holdout`.
    hashes : iterable of str
        The candidate hash of each row.
    known : mapping of str to bool, optional
        Candidates that were on one side before, by hash: they stay there, though they
        come without their pointing now.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        True where the row must never be trained on.
    """
    before = known or {}
    return np.fromiter(
        (
            before.get(digest, in_holdout(group))
            for group, digest in zip(groups, hashes, strict=True)
        ),
        dtype=np.bool_,
    )


def bar(table: "Labelled", sentinels: Collection[str]) -> "Labelled":
    """Mark the rows of the sentinel set.

    Parameters
    ----------
    table : Labelled
        Any rows.
    sentinels : collection of str
        Candidate hashes of the known pulsars that are kept to judge versions by.

    Returns
    -------
    Labelled
        The same rows; those of the set can no longer be trained on.
    """
    is_one = np.isin(table.hashes, sorted(sentinels))
    return replace(table, sentinel=table.sentinel | is_one)


def trainable(table: "Labelled") -> "Labelled":
    """Leave out what may not be trained on.

    Parameters
    ----------
    table : Labelled
        Rows whose hold-out and sentinels are marked.

    Returns
    -------
    Labelled
        The others.
    """
    return table.take(~(table.holdout | table.sentinel))


def guard(table: "Labelled") -> None:
    """Refuse to go on with rows that may not be trained on.

    Parameters
    ----------
    table : Labelled
        What is about to be fitted or summarised.

    Raises
    ------
    Barred
        If a row is in the hold-out or in the sentinel set.
    """
    for mask, what in ((table.holdout, "hold-out"), (table.sentinel, "sentinel set")):
        if n := int(np.count_nonzero(mask)):
            raise Barred(
                f"{n:,} rows of {table.name} are in the {what}, which no version is"
                " ever trained on."
            )
