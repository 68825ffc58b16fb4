"""A dataset on disk: one Parquet file, and what each of its columns means."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import parquet
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.explain import NAMES
from pulsar_ml.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd

ROWS = "rows.parquet"
# What every dataset has, in this order; what was observed follows.
_BEFORE = ("row", "name")
_AFTER = ("label", "weight", "hash", "pointing", "holdout")
RESERVED = frozenset((*_BEFORE, *FEATURES, *_AFTER))


class Column(NamedTuple):
    """What stands in a column, for the data dictionary."""

    name: str
    kind: str
    unit: str
    meaning: str


_MEANING = {
    "row": ("integer", "Place in the dataset, from 1"),
    "name": ("text", "What people call the candidate; may be empty"),
    **{
        name: ("number", words[4].upper() + words[5:])  # "the profile's mean"
        for name, words in NAMES.items()
    },
    "label": ("integer", "1 for a pulsar, 0 for anything else"),
    "weight": ("number", "How much the row counts when a model learns"),
    "hash": ("text", "SHA-256 of the eight features, which identifies the candidate"),
    "pointing": ("text", "UTC of the pointing, empty where it is not known"),
    "holdout": ("boolean", "True where no version may ever be trained on the row"),
}
# Columns of observations whose meaning the field agrees on: unit and words.
_OBSERVED = {
    "beam": ("", "Beam of the receiver"),
    "period": ("s", "Period of the candidate"),
    "dm": ("pc cm-3", "Dispersion measure"),
    "snr": ("", "Signal-to-noise ratio"),
    "survey": ("", "Survey that observed it"),
    "verdict": ("", "What a person said of it"),
    "drawn": ("", "How it came before a person"),
}


def write(folder: Path, table: Labelled, *, temp: Path) -> str:
    """Write the rows of a dataset, whole or not at all.

    Parameters
    ----------
    folder : Path
        Where `ROWS` will stand; it exists.
    table : Labelled
        The rows, in order.
    temp : Path
        Folder for what does not fit into memory.

    Returns
    -------
    str
        SHA-256 of the file: the same rows give the same bytes.
    """
    return parquet.write(folder / ROWS, to_frame(table), temp=temp)


def read(path: Path, *, name: str, sha256: str, temp: Path) -> Labelled:
    """Read the rows of a dataset, and believe nothing that its hash does not confirm.

    Parameters
    ----------
    path : Path
        The Parquet file.
    name : str
        Of the dataset.
    sha256 : str
        What it was when it was made.
    temp : Path
        Folder for what does not fit into memory.

    Returns
    -------
    Labelled
        The rows, hold-out and weights as stored.

    Raises
    ------
    BadInput
        If the file is missing or is not what it was.
    """
    if not path.is_file():
        raise BadInput(f"The rows of {name} are not where they were stored.")
    if parquet.digest(path) != sha256:
        raise BadInput(f"The rows of {name} are not those that were stored.")
    with parquet.connection(temp, folders=[path.parent]) as opened:
        frame = opened.execute(
            f"select * from {parquet.scan([path])}"  # noqa: S608  # quoted
        ).df()
    return from_frame(frame, name=name, sha256=sha256)


def to_frame(table: Labelled) -> "pd.DataFrame":
    """Lay out rows as they are stored.

    Parameters
    ----------
    table : Labelled
        The rows.

    Returns
    -------
    DataFrame
        One row each, in the columns that `dictionary` explains.
    """
    import pandas as pd  # slow, and no start of a program needs it

    columns: dict[str, Any] = {
        "row": np.arange(1, len(table) + 1),
        "name": table.names.astype(object),
        **dict(zip(FEATURES, table.features.T, strict=True)),
        "label": table.labels.astype(np.int8),
        "weight": table.weights,
        "hash": table.hashes.astype(object),
        "pointing": table.pointings.astype(object),
        "holdout": table.holdout,
        **table.observed,
    }
    return pd.DataFrame(columns)


def from_frame(frame: "pd.DataFrame", *, name: str, sha256: str) -> Labelled:
    """Take rows out of the frame in which they are stored.

    Parameters
    ----------
    frame : DataFrame
        As `to_frame` gives it.
    name, sha256 : str
        Of the dataset.

    Returns
    -------
    Labelled
        The rows; none is a sentinel.
    """
    features = frame[list(FEATURES)].to_numpy(dtype=np.float64)
    return Labelled(
        name=name,
        sha256=sha256,
        notes=(),
        features=features,
        labels=frame["label"].to_numpy(dtype=np.int8),
        hashes=_text(frame["hash"]),
        pointings=_text(frame["pointing"]),
        names=_text(frame["name"]),
        weights=frame["weight"].to_numpy(dtype=np.float64),
        holdout=frame["holdout"].to_numpy(dtype=np.bool_),
        sentinel=np.zeros(len(frame), dtype=np.bool_),
        observed={
            column: _observed(frame[column])
            for column in frame.columns
            if column not in RESERVED
        },
    )


def dictionary(table: Labelled) -> list[Column]:
    """Say what stands in each column.

    Parameters
    ----------
    table : Labelled
        The rows.

    Returns
    -------
    list of Column
        In the order of the file.
    """
    fixed = [Column(name, kind, "", words) for name, (kind, words) in _MEANING.items()]
    return fixed + [_about(name, values) for name, values in table.observed.items()]


def _about(name: str, values: NDArray[Any]) -> Column:
    kind = "number" if values.dtype.kind == "f" else "text"
    unit, words = _OBSERVED.get(name, ("", "As the file had it"))
    return Column(name, kind, unit, words)


def _text(column: "pd.Series[Any]") -> NDArray[np.str_]:
    return column.fillna("").to_numpy().astype(np.str_)


def _observed(column: "pd.Series[Any]") -> NDArray[Any]:
    if column.dtype.kind in "fiu":
        return column.to_numpy(dtype=np.float64)
    return column.fillna("").to_numpy().astype(object)
