"""Make the versions that come with the package: a forest, and the best of the rest."""

from collections.abc import Callable
from pathlib import Path

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
        Version 1 is the Random Forest, version 2 the better of the others. The
        champion ranks best when whole pointings are left out.

    Raises
    ------
    BadArtefact
        If a version is there already.
    """
    trained = {name: train(table, name, jobs=jobs, say=say) for name in DEFAULTS}
    for name, made in trained.items():
        say(f"{name}: average precision {quality(made):.4f} grouped by pointing")
    first = trained.pop(_FIRST)
    chosen = [first, max(trained.values(), key=quality)]
    champion = max(chosen, key=quality)
    folders = []
    for number, made in enumerate(chosen, 1):
        folder = out / str(number)
        made.write(folder, champion=made is champion)
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
