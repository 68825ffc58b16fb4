"""Small trainings by steps, on made-up rows."""

from pathlib import Path
from typing import Any

from pulsar_ml.datasets import store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.training import plan as plans

CREATED = "2026-11-22T03:00:00+00:00"


def lay(folder: Path, table: Labelled, **asked: Any) -> Path:
    """Store the rows as a dataset and write what is to be done; the training's folder.

    A small forest in two folds, unless something else is asked for.
    """
    data = folder / "dataset"
    data.mkdir(parents=True)
    sha256 = store.write(data, table, temp=folder / "temp")
    dataset = plans.Dataset(str(data / store.ROWS), sha256, table.name, number=1)
    quick = {"parameters": {"n_estimators": 10}, "folds": 2}
    plan = plans.Plan(created=CREATED, dataset=dataset, **{**quick, **asked})
    plans.write(folder / "training", plan)
    return folder / "training"


def quiet(_done: int, _of: int, _words: str) -> None:
    """Nobody wants to know."""
