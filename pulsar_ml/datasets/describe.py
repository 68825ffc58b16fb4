"""What a dataset looks like: counted once when it is made, so its page is quick."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets import columns
from pulsar_ml.datasets.difference import difference
from pulsar_ml.datasets.histogram import histogram
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.place import placed

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "describe.json"
# So many rows of either class stand for all of it in a scatter plot.
MOST_POINTS = 2_000
_DIGITS = 6


def write(folder: Path, table: Labelled, parent: Labelled | None = None) -> None:
    """Keep the description of a dataset beside its rows, whole or not at all.

    Parameters
    ----------
    folder : Path
        Of the dataset; it exists.
    table : Labelled
        Its rows, in order.
    parent : Labelled, optional
        Those that it was frozen from.
    """
    text = json.dumps(describe(table, parent), allow_nan=False)
    with placed(folder / SUMMARY) as unfinished:
        unfinished.write_text(text)


def describe(table: Labelled, parent: Labelled | None = None) -> dict[str, Any]:
    """Count what there is to see of a table.

    Parameters
    ----------
    table : Labelled
        Its rows, in order.
    parent : Labelled, optional
        Those that it was frozen from.

    Returns
    -------
    dict
        Nothing but what JSON knows. ``rows``, ``pulsars``, ``holdout``, ``pointings``,
        ``years`` and ``weights`` are counts; ``columns`` has a `histogram` by class of
        each number, ``categories`` the rows and pulsars of each value, and
        ``correlations`` both coefficients of each pair of numbers; ``points`` is a
        sample of rows to draw; ``difference`` is that to the parent, or None.
    """
    return {
        "rows": len(table),
        "pulsars": table.pulsars,
        "holdout": _count(table.labels, table.holdout),
        "pointings": _pointings(table),
        "years": _years(table),
        "weights": _weights(table),
        "columns": [
            histogram(name, columns.numbers(table, name), table.labels)
            for name in columns.numeric(table)
        ],
        "categories": [_category(table, name) for name in columns.categories(table)],
        "correlations": _correlations(table),
        "points": _points(table),
        "difference": None if parent is None else difference(parent, table),
    }


def _count(labels: NDArray[np.int8], mask: NDArray[np.bool_]) -> dict[str, int]:
    return {"rows": int(mask.sum()), "pulsars": int(labels[mask].sum())}


def _pointings(table: Labelled) -> dict[str, Any]:
    known = np.unique(table.pointings[table.pointings != ""])
    first, last = (str(known[0]), str(known[-1])) if len(known) else ("", "")
    return {
        "rows": int((table.pointings != "").sum()),
        "different": len(known),
        "first": first,
        "last": last,
    }


def _years(table: Labelled) -> list[dict[str, Any]]:
    years = table.pointings.astype("U4")
    found = [year for year in np.unique(years).tolist() if year]
    return [{"value": year, **_count(table.labels, years == year)} for year in found]


def _weights(table: Labelled) -> dict[str, list[float]]:
    """Find the least and greatest of either class, of the rows to learn from."""
    learned = ~(table.holdout | table.sentinel)
    of = {label: table.weights[learned & (table.labels == label)] for label in (0, 1)}
    return {
        str(label): [_short(weights.min()), _short(weights.max())]
        for label, weights in of.items()
        if len(weights)
    }


def _category(table: Labelled, name: str) -> dict[str, Any]:
    values = table.observed[name]
    missing = columns.missing(table, name)
    return {
        "name": name,
        "missing": _count(table.labels, missing),
        "values": [
            {"value": _said(value), **_count(table.labels, values == value)}
            for value in sorted(set(values[~missing].tolist()))
        ],
    }


def _said(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else value


def _correlations(table: Labelled) -> dict[str, Any]:
    """Both coefficients, over the rows in which both numbers are known."""
    import pandas as pd  # slow, and only a dataset in the making needs it

    names = columns.numeric(table)
    frame = pd.DataFrame({name: columns.numbers(table, name) for name in names})
    return {
        "names": names,
        "spearman": _matrix(frame.corr(method="spearman", min_periods=3)),
        "pearson": _matrix(frame.corr(method="pearson", min_periods=3)),
    }


def _matrix(frame: "pd.DataFrame") -> list[list[float | None]]:
    return [
        [None if np.isnan(value) else round(float(value), 4) for value in row]
        for row in frame.to_numpy()
    ]


def _points(table: Labelled) -> dict[str, Any]:
    """All rows of a class, or those of the least hashes, which chance has ordered."""
    chosen = np.sort(np.concatenate([_sample(table, label) for label in (0, 1)]))
    return {
        "row": (chosen + 1).tolist(),
        "name": table.names[chosen].tolist(),
        "label": table.labels[chosen].tolist(),
        "holdout": table.holdout[chosen].astype(int).tolist(),
        "columns": {
            name: [_known(value) for value in columns.numbers(table, name)[chosen]]
            for name in columns.numeric(table)
        },
    }


def _sample(table: Labelled, label: int) -> NDArray[np.intp]:
    rows = np.flatnonzero(table.labels == label)
    if len(rows) <= MOST_POINTS:
        return rows
    # Sixteen digits order as well as all of them, and in a quarter of the time.
    order = np.argsort(table.hashes[rows].astype("U16"), kind="stable")
    return rows[order[:MOST_POINTS]]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else _short(value)


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
