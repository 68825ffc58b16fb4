"""Read labelled candidates from files, such as HTRU2 with its pointings."""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import splits
from pulsar_ml.datasets import pointings
from pulsar_ml.datasets.labelled import Labelled, labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Source, read

if TYPE_CHECKING:
    import pandas as pd

HTRU2 = "HTRU_2.csv"
_HTRU2_COUNTS = {"candidates": 17_898, "non-pulsars": 16_259, "pulsars": 1_639}


def find(data: Path | None, observations: Path | None) -> tuple[Path, Path | None]:
    """Find the two files of a labelled table.

    Parameters
    ----------
    data : Path or None
        The table, a folder with HTRU_2.csv, or None for the folder that
        PULSARSITE_DATA in the environment names.
    observations : Path or None
        The pointings; None for the file beside the table that is named after it,
        as HTRU_2_observations.csv is.

    Returns
    -------
    tuple of Path
        The table and, where there are any, the pointings.

    Raises
    ------
    BadInput
        If there is no such file.
    """
    if data is None:
        folder = os.environ.get("PULSARSITE_DATA")
        if not folder:
            raise BadInput("Say where the table is: --data FILE, or PULSARSITE_DATA.")
        data = Path(folder)
    if data.is_dir():
        data /= HTRU2
    beside = data.with_name(f"{data.stem}_observations.csv")
    if observations is None and beside.exists():
        observations = beside
    for path in (data, observations):
        if path and not path.is_file():
            raise BadInput(f"There is no file {path}.")
    return data, observations


def load(data: Path, observations: Path | None = None) -> Labelled:
    """Read labelled candidates; HTRU2 is known by its name and its counts checked.

    Parameters
    ----------
    data : Path
        A table of the eight features and a column ``class`` of 0 and 1.
    observations : Path, optional
        CSV with the columns ``row`` (0-based, of the table) and ``pointing_utc``.

    Returns
    -------
    Labelled
        The usable rows, in the order of the file.

    Raises
    ------
    BadInput
        If there are no labels, or HTRU_2.csv has not its 17,898 candidates, 16,259
        non-pulsars and 1,639 pulsars.
    """
    import pandas as pd  # slow, and no start of a program needs it

    chunks = list(read([Source(data, data.name)]))
    frame = pd.concat([chunk.frame for chunk in chunks], ignore_index=True)
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    if frame.empty:
        raise BadInput(f"{data.name} {rejects[0].reason}.")
    table = labelled(
        frame[list(FEATURES)].to_numpy(dtype=np.float64),
        _labels(frame, data.name),
        name=data.name,
        sha256=hashlib.sha256(data.read_bytes()).hexdigest(),
        notes=(
            *(note for chunk in chunks for note in chunk.notes),
            *(f"{r.file}, line {r.line}: {r.column} {r.reason}" for r in rejects),
        ),
        pointings=_pointings(frame["row"].to_numpy(), observations),
    )
    if data.name == HTRU2:
        check_htru2(table)
    return table


def check_htru2(table: Labelled) -> None:
    """Refuse a table that is not the whole of HTRU2.

    Parameters
    ----------
    table : Labelled
        What was read from HTRU_2.csv.

    Raises
    ------
    BadInput
        If a count differs from the published one (Lyon et al. 2016, MNRAS 459, 1104).
    """
    pulsars = int(table.labels.sum())
    found = (len(table.labels), len(table.labels) - pulsars, pulsars)
    for (what, expected), count in zip(_HTRU2_COUNTS.items(), found, strict=True):
        if count != expected:
            raise BadInput(
                f"{table.name} has {count:,} {what}; HTRU2 has {expected:,}."
                " Name the file otherwise if it is a part of HTRU2."
            )


def check_size(table: Labelled, what: str) -> None:
    """Refuse a table that says too little.

    Parameters
    ----------
    table : Labelled
        Rows to train on or to judge by.
    what : str
        What they are for, for the message.

    Raises
    ------
    BadInput
        If a class occurs in fewer than 20 pointings.
    """
    if not splits.enough(table.labels, table.groups):
        pulsars = int(table.labels.sum())
        raise BadInput(
            f"{table.name} has {pulsars:,} pulsars and {len(table.labels) - pulsars:,}"
            f" others {what}; of each, {splits.FEWEST} from different pointings are"
            " needed."
        )


def _labels(frame: "pd.DataFrame", name: str) -> NDArray[np.int8]:
    if "class" not in frame:
        raise BadInput(f"{name} has no column 'class' of 0 and 1.")
    wrong = frame.loc[~frame["class"].isin(["0", "1"]), ["row", "class"]]
    if len(wrong):
        row, value = wrong.iloc[0]
        raise BadInput(f"{name}, row {row}: class is {value!r}, not 0 or 1.")
    return frame["class"].to_numpy().astype(np.int8)


def _pointings(rows: NDArray[np.int64], observations: Path | None) -> NDArray[np.str_]:
    if observations is None:
        return np.full(len(rows), "", dtype=np.str_)
    found = pointings.read(Source(observations, observations.name))
    column = next(name for name in pointings.POINTINGS if name in found)
    return found[column].reindex(rows).fillna("").to_numpy(dtype=np.str_)
