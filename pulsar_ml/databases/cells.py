"""Columns of a database become columns of a page: numbers, or texts."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsar_ml.databases.relation import LONGEST
from pulsar_ml.formats import typed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_NONE = type(None)
_FLOATS = {float, _NONE}
_NUMBERS = {float, int, Decimal, _NONE}
_TRUTHS = (bool, Decimal)
_INT64 = 2**63


def numbers(values: Sequence[Any]) -> "NDArray[np.float64] | pd.Series[Any]":
    """Make a column of what is to be numbers.

    Parameters
    ----------
    values : sequence
        What the database holds.

    Returns
    -------
    ndarray of float64, or Series of str
        Texts where any value is no number, so that the reader of the page can say
        which and what it is instead. NULL is NaN, or no text.
    """
    kinds = set(map(type, values))
    if kinds <= {float}:
        return np.array(values, dtype=np.float64)
    if kinds <= _FLOATS:
        return np.array([math.nan if v is None else v for v in values])
    if kinds <= _NUMBERS:
        return np.array(list(map(_float, values)), dtype=np.float64)
    return texts(values)


def _float(value: Any) -> float:
    return math.nan if value is None else float(value)


def kept(values: Sequence[Any]) -> "NDArray[Any] | pd.Series[Any]":
    """Make a column of what is kept beside the features.

    Parameters
    ----------
    values : sequence
        What the database holds.

    Returns
    -------
    ndarray of int64 or float64, or Series of str
        Texts where not all are numbers of one kind.
    """
    kinds = set(map(type, values))
    if kinds <= {int} and all(-_INT64 <= value < _INT64 for value in values):
        return np.array(values, dtype=np.int64)
    if float in kinds and kinds <= _FLOATS:
        return numbers(values)
    return texts(values)


def texts(values: Sequence[Any]) -> "pd.Series[Any]":
    """Make a column of texts.

    Parameters
    ----------
    values : sequence
        Of anything.

    Returns
    -------
    Series of str
        Long ones are cut, NULL is none.
    """
    import pandas as pd  # slow, and no start of a program needs it

    if set(map(type, values)) == {str}:
        every = "".join(values)
        is_plain = every.isascii() and "\0" not in every
        if is_plain and max(map(len, values)) <= LONGEST:
            return pd.Series(values, dtype=object)
    return pd.Series([text(value) for value in values], dtype=object)


def text(value: Any) -> str | None:
    """Write what a database holds as a text.

    Parameters
    ----------
    value : object
        Of any type.

    Returns
    -------
    str or None
        At most `LONGEST` characters and one that says that it was cut.
    """
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray)):
        value = value[:LONGEST].hex()
    elif isinstance(value, bool):
        value = str(value).lower()
    shown = typed.clean(value if isinstance(value, str) else str(value))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def label(values: Sequence[Any]) -> "NDArray[Any] | pd.Series[Any]":
    """Make a column of labels.

    Parameters
    ----------
    values : sequence
        What the database holds; true means a pulsar.

    Returns
    -------
    ndarray of int64, or Series of str
        As `kept`.
    """
    return kept([int(v) if type(v) in _TRUTHS and v in (0, 1) else v for v in values])
