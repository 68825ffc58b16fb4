"""From labelled rows to a whole artefact: the steps of a training, in one go."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulsar_ml import artefact
from pulsar_ml.datasets import files, store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.training import plan as plans
from pulsar_ml.training import steps


@dataclass(frozen=True)
class Trained:
    """A trained model with all that its artefact holds.

    Attributes
    ----------
    card : dict
        But for ``champion``, which is said when it is written.
    files : mapping of str to bytes
        The other files.
    """

    card: dict[str, Any]
    files: Mapping[str, bytes]

    def write(self, folder: Path, *, champion: bool = False) -> str:
        """Write the artefact.

        Parameters
        ----------
        folder : Path
            Where; nothing may be there yet.
        champion : bool
            Whether a new site puts this version into production.

        Returns
        -------
        str
            The artefact's SHA-256.

        Raises
        ------
        BadArtefact
            If the folder is there already.
        """
        card = artefact.to_json({**self.card, "champion": champion})
        return artefact.write(folder, {**self.files, artefact.CARD: card})


def train(
    table: Labelled,
    algorithm: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    jobs: int = 1,
    folds: int = 5,
    say: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Train a model without the hold-out and judge it in four ways.

    Parameters
    ----------
    table : Labelled
        All rows; those of the hold-out are set aside here.
    algorithm : str
        See `pulsar_ml.model.Model`.
    parameters : mapping, optional
        What differs from the algorithm's defaults.
    seed : int
        Of everything random.
    jobs : int
        Threads of a forest's training.
    folds : int
        Parts of the cross-validation.
    say : callable
        Is told what is going on.

    Returns
    -------
    Trained
        Made by the very `pulsar_ml.training.steps` that a site takes one by one.

    Raises
    ------
    BadInput
        If there are too few rows of a class, or a parameter cannot be.
    ConversionFailed
        If the ONNX gives other scores than scikit-learn.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sha256 = store.write(folder, table, temp=folder / "temp")
        plan = plans.Plan(
            created=_now(),
            dataset=plans.Dataset(
                path=str(folder / store.ROWS),
                sha256=sha256,
                name=table.name,
                htru2=table.name == files.HTRU2,
                source_sha256=table.sha256,
            ),
            algorithm=algorithm,
            parameters=parameters or {},
            seed=seed,
            threads=jobs,
            folds=folds,
        )
        plans.write(folder / "training", plan)
        steps.run_all(folder / "training", _news(say))
        packed, _ = artefact.read(folder / "training" / "artefact")
    card: dict[str, Any] = json.loads(packed.pop(artefact.CARD))
    card.pop("champion")
    return Trained(card, packed)


def _news(say: Callable[[str], object]) -> steps.Say:
    """Pass on what is at work when that is something new."""
    last = ""

    def news(_done: int, _of: int, words: str) -> None:
        nonlocal last
        if words != last:
            say(words)
        last = words

    return news


def _now() -> str:
    # reproducible-builds.org: whoever repeats a release sets its time, and gets its
    # bytes.
    at = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return datetime.fromtimestamp(int(at), UTC).isoformat()
