"""The rows of a training, each on its side."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets import store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.splits import Fold
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans

POLICIES = ("stratified", "grouped", "time")
# Instead of the fold that tests a row: trained on in every fold, or in none.
ALWAYS, NEVER = -1, -2


def loaded(folder: Path) -> Labelled:
    """Read what step load has left.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    Labelled
        The rows; no sentinel is marked yet.
    """
    return store.read(
        folder / store.ROWS,
        name=plans.read(folder).dataset.name,
        sha256=files.read_json(folder / "load.json")["sha256"],
        temp=folder / "temp",
    )


def marked(folder: Path) -> Labelled:
    """Read all rows as step split has left them.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    Labelled
        Hold-out and sentinels are marked; `pulsar_ml.datasets.holdout.trainable` gives
        those that are trained on, in the order of ``split.npz``.
    """
    split = files.read_arrays(folder / "split.npz")
    table = loaded(folder)
    return replace(table, holdout=split["holdout"], sentinel=split["sentinel"])


def folds(folder: Path) -> dict[str, list[Fold]]:
    """Read how the rows that may be trained on are cut.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    dict of str to list of Fold
        By policy, those alone that are possible; places among the trainable rows.
    """
    split = files.read_arrays(folder / "split.npz")
    return {name: unpacked(split[name]) for name in POLICIES if name in split}


def packed(cuts: list[Fold], n_rows: int) -> NDArray[np.int16]:
    """Write folds as one number a row.

    Parameters
    ----------
    cuts : list of Fold
        No row is tested twice.
    n_rows : int
        How many rows were cut.

    Returns
    -------
    ndarray of int16, shape (n_rows,)
        The fold that tests the row, else `ALWAYS` or `NEVER`.
    """
    by_row = np.full(n_rows, NEVER, dtype=np.int16)
    for cut in cuts:
        by_row[cut.train] = ALWAYS
    for number, cut in enumerate(cuts):
        by_row[cut.test] = number
    return by_row


def unpacked(by_row: NDArray[np.int16]) -> list[Fold]:
    """Read folds that `packed` wrote.

    Parameters
    ----------
    by_row : ndarray of int16, shape (n_rows,)
        The fold that tests the row, else `ALWAYS` or `NEVER`.

    Returns
    -------
    list of Fold
        In order of number, rows in order.
    """
    used = by_row != NEVER
    return [
        Fold(
            np.flatnonzero(used & (by_row != number)), np.flatnonzero(by_row == number)
        )
        for number in range(int(by_row.max()) + 1)
    ]
