"""Make the versions that come with the package: a forest, and the best of the rest."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from pulsar_ml import artefact
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.model import DEFAULTS
from pulsar_ml.train import Trained, train

_FIRST = "random_forest"


def ship(
    table: Labelled, out: Path, *, jobs: int = 1, say: Callable[[str], object]
) -> list[Path]:
    """Train each algorithm and write two versions, one of them the champion.

    Parameters
    ----------
    table : Labelled
        HTRU2 with its pointings.
    out : Path
        The folder of the model, in which versions 1 and 2 will stand.
    jobs : int
        Threads of a forest's training.
    say : callable
        Is told what is going on.

    Returns
    -------
    list of Path
        See `publish`.

    Raises
    ------
    BadArtefact
        If a version is there already.
    """
    trained = {name: train(table, name, jobs=jobs, say=say) for name in DEFAULTS}
    return publish(trained, out, say=say)


def publish(
    trained: Mapping[str, Trained], out: Path, *, say: Callable[[str], object]
) -> list[Path]:
    """Write the forest and the better of the others.

    Parameters
    ----------
    trained : mapping of str to Trained
        By algorithm.
    out : Path
        The folder of the model, in which versions 1 and 2 will stand.
    say : callable
        Is told what is going on.

    Returns
    -------
    list of Path
        Version 1 is the Random Forest, version 2 the better of the others. The
        champion ranks best when whole pointings are left out.

    Raises
    ------
    BadArtefact
        If a version is there already.
    """
    for name, made in trained.items():
        say(f"{name}: average precision {quality(made):.4f} grouped by pointing")
    others = [made for name, made in trained.items() if name != _FIRST]
    chosen = [trained[_FIRST], max(others, key=quality)]
    champion = max(chosen, key=quality)
    folders = []
    for number, made in enumerate(chosen, 1):
        folder = out / str(number)
        _nameless(made).write(folder, champion=made is champion)
        say(f"{folder}: {made.card['algorithm']}")
        folders.append(folder)
    return folders


def quality(made: Trained) -> float:
    """Say in one number how well a model ranks.

    Parameters
    ----------
    made : Trained
        The model with its card.

    Returns
    -------
    float
        Average precision over folds grouped by pointing: no threshold, and no
        neighbour of a tested row, decides it; the hold-out is not touched.
    """
    return float(made.card["metrics"]["grouped"]["average_precision"]["value"])


def _nameless(made: Trained) -> Trained:
    """Keep nothing of the missed pulsars but hash and score: no row is given away."""
    told = json.loads(made.files[artefact.EVALUATION])
    missed = [{**one, "name": "", "observed": {}} for one in told["missed"]]
    bare = artefact.to_json({**told, "missed": missed})
    return replace(made, files={**made.files, artefact.EVALUATION: bare})
