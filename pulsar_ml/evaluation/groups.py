"""Cut rows by what was observed of them: categories, ranges of numbers, years."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled

UNKNOWN, REST = "not known", "others"
YEAR = "year"
# More different values than this are no categories: numbers are cut into ranges, and
# of texts the frequent ones stand alone.
MOST_CATEGORIES = 32
_RANGES = 5


class Group(NamedTuple):
    """Rows that have something in common.

    Attributes
    ----------
    column, label : str
        What was observed, and what of it these rows have.
    rows : ndarray of bool, shape (n_rows,)
        True where a row is one of them.
    """

    column: str
    label: str
    rows: NDArray[np.bool_]


def groups(table: Labelled) -> list[Group]:
    """Cut a table by each column of observations, and by the year of the pointing.

    Parameters
    ----------
    table : Labelled
        Any rows.

    Returns
    -------
    list of Group
        Column by column; in each, every row is in one group. A column that all rows
        share tells nothing and is left out.
    """
    found: list[Group] = []
    for column, values in _columns(table):
        cut = _by_number if values.dtype.kind == "f" else _by_text
        parts = list(cut(values, table.labels == 1))
        if len(parts) > 1:
            found += [Group(column, label, rows) for label, rows in parts]
    return found


_Parts = Iterator[tuple[str, NDArray[np.bool_]]]


def _columns(table: Labelled) -> Iterator[tuple[str, NDArray[Any]]]:
    years = np.array([pointing[:4] for pointing in table.pointings], dtype=object)
    if YEAR not in table.observed:
        yield YEAR, years
    yield from table.observed.items()


def _by_number(values: NDArray[np.float64], pulsar: NDArray[np.bool_]) -> _Parts:
    known = np.isfinite(values)
    different = np.unique(values[known])
    if len(different) <= MOST_CATEGORIES and np.all(different == np.floor(different)):
        for value in different:
            yield f"{value:.0f}", values == value
    else:
        yield from _by_range(values, _edges(values, known, pulsar))
    if not known.all():
        yield UNKNOWN, ~known


def _edges(
    values: NDArray[np.float64], known: NDArray[np.bool_], pulsar: NDArray[np.bool_]
) -> list[float]:
    """Fifths of the pulsars, which are the fewer; without any, fifths of all."""
    chosen = values[known & pulsar] if (known & pulsar).any() else values[known]
    inner = np.quantile(chosen, np.linspace(0, 1, _RANGES + 1)[1:-1])
    low, high = values[known].min(), values[known].max()
    # In as few digits as keep them apart: days since 1858 differ in the fourth.
    tried = [_written(inner, digits, low, high) for digits in range(3, 7)]
    return max(tried, key=len)


def _written(
    edges: NDArray[np.float64], digits: int, low: float, high: float
) -> list[float]:
    """Edges as labels have them, so that a label and its rows agree."""
    rounded = sorted({float(f"{edge:.{digits}g}") for edge in edges})
    return [edge for edge in rounded if low < edge <= high]


def _by_range(values: NDArray[np.float64], edges: list[float]) -> _Parts:
    if not edges:
        yield "any", np.isfinite(values)
        return
    yield f"below {edges[0]:g}", values < edges[0]
    for low, high in pairwise(edges):
        yield f"{low:g} to {high:g}", (values >= low) & (values < high)
    yield f"{edges[-1]:g} and above", values >= edges[-1]


def _by_text(values: NDArray[Any], pulsar: NDArray[np.bool_]) -> _Parts:
    texts = values.astype(str)
    names, counts = np.unique(texts[texts != ""], return_counts=True)
    if len(names) > MOST_CATEGORIES:
        frequent = np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1]
        names = np.sort(names[frequent][counts[frequent] > len(texts) / 100])
    for name in names:
        yield str(name), texts == name
    rest = ~np.isin(texts, [*names, ""])
    for label, rows in ((REST, rest), (UNKNOWN, texts == "")):
        if rows.any():
            yield label, rows
