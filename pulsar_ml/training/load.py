"""Step load: take the rows of the dataset, or as many as a rehearsal needs."""

import shutil
from pathlib import Path

import numpy as np

from pulsar_ml import parquet
from pulsar_ml.datasets import files, holdout, store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.place import placed
from pulsar_ml.training import folder as left
from pulsar_ml.training import plan as plans
from pulsar_ml.training.sample import sample
from pulsar_ml.training.steps import Say

# So many points stand for the rows when scores are explained.
FEWEST_DIFFERENT = 100


def run(folder: Path, say: Say) -> None:
    """Leave the rows of the training.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        See `pulsar_ml.training.steps`.

    Raises
    ------
    BadInput
        If the dataset is missing, is not what it was, or is too small.
    """
    plan = plans.read(folder)
    say(0, 1, "reading the dataset")
    source, temp = Path(plan.dataset.path), folder / "temp"
    whole = store.read(
        source, name=plan.dataset.name, sha256=plan.dataset.sha256, temp=temp
    )
    table = holdout.bar(whole, plan.sentinels)
    trained = holdout.trainable(table)
    files.check_size(trained, "to train on")
    _check_different(trained)
    files.check_size(table.take(table.holdout), "in the hold-out")
    if plan.rehearsal:
        table = sample(table, plan.rehearsal, plan.seed)
        store.write(folder, table, temp=temp)
    else:
        with placed(folder / store.ROWS) as unfinished:
            shutil.copyfile(source, unfinished)
    counts = {
        "sha256": parquet.digest(folder / store.ROWS),
        "rows": len(table),
        "pulsars": table.pulsars,
        "dataset_rows": len(whole),
        "dataset_pulsars": whole.pulsars,
    }
    left.write_json(folder / "load.json", counts)


def _check_different(table: Labelled) -> None:
    different = len(np.unique(table.features, axis=0))
    if different < FEWEST_DIFFERENT:
        raise BadInput(
            f"{table.name} has {different:,} different rows to train on;"
            f" {FEWEST_DIFFERENT} are needed."
        )
