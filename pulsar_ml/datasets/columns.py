"""The columns of a labelled table by name: features, and what was observed."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES

# A column of whole numbers with no more different values is one of names, as a beam's.
MOST_CATEGORIES = 32


def numeric(table: Labelled) -> list[str]:
    """Find the columns that are measured on a scale.

    Parameters
    ----------
    table : Labelled
        Any rows.

    Returns
    -------
    list of str
        The features, then the observed numbers that are no categories.
    """
    named = set(categories(table))
    return [*FEATURES, *(c for c in _observed(table, "f") if c not in named)]


def categories(table: Labelled) -> list[str]:
    """Find the observed columns of few different values.

    Parameters
    ----------
    table : Labelled
        Any rows.

    Returns
    -------
    list of str
        Texts and whole numbers, of at most 32 values.
    """
    return [name for name in table.observed if _is_category(table.observed[name])]


def numbers(table: Labelled, name: str) -> NDArray[np.float64]:
    """Give the values of a column of numbers.

    Parameters
    ----------
    table : Labelled
        Any rows.
    name : str
        Of a feature or an observed number.

    Returns
    -------
    ndarray of shape (n_rows,)
        NaN where it is missing.

    Raises
    ------
    BadInput
        If there is no such column.
    """
    if name in FEATURES:
        return table.features[:, FEATURES.index(name)]
    found = [*FEATURES, *_observed(table, "f")]
    if name not in found:
        raise BadInput(f"there is no number {name!r}; there is {', '.join(found)}.")
    return table.observed[name]


def missing(table: Labelled, name: str) -> NDArray[np.bool_]:
    """Find the rows that lack a value.

    Parameters
    ----------
    table : Labelled
        Any rows.
    name : str
        Of an observed column, or ``name`` or ``pointing``.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        True where it is missing.

    Raises
    ------
    BadInput
        If there is no such column.
    """
    found = {"name": table.names, "pointing": table.pointings, **table.observed}
    if name not in found:
        raise BadInput(
            f"nothing called {name!r} was observed; there is {', '.join(found)}."
        )
    values = found[name]
    lacks = np.isnan(values) if values.dtype.kind == "f" else values == ""
    return np.asarray(lacks)


def put(table: Labelled, name: str, values: NDArray[np.float64]) -> Labelled:
    """Change the values of a column.

    The candidates stay who they are: hash, hold-out and sentinels do not move.

    Parameters
    ----------
    table : Labelled
        Any rows.
    name : str
        Of a feature or an observed number.
    values : ndarray of shape (n_rows,)
        The new ones.

    Returns
    -------
    Labelled
        The same rows with these values.
    """
    if name not in FEATURES:
        return replace(table, observed={**table.observed, name: values})
    features = table.features.copy()
    features[:, FEATURES.index(name)] = values
    return replace(table, features=features)


def _observed(table: Labelled, kind: str) -> list[str]:
    return [n for n, values in table.observed.items() if values.dtype.kind == kind]


def _is_category(values: NDArray[Any]) -> bool:
    if values.dtype.kind != "f":
        return len(set(values.tolist())) <= MOST_CATEGORIES
    known = np.unique(values[~np.isnan(values)])
    return len(known) <= MOST_CATEGORIES and bool((known == np.rint(known)).all())
