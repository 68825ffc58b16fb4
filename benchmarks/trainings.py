"""The three algorithms under the three split policies, beside what was found before.

    PULSARSITE_DATA=... python benchmarks/trainings.py [--folder FOLDER] [--threads N]

trains each algorithm on HTRU2 by the steps of a site and prints a table: figures at the
threshold of F1, which is what papers quote, with 95 % intervals; under each row the
one that a plain scikit-learn model had at threshold 0.5 on all of HTRU2, the hold-out
not left aside. Last, trained on 2008-09 and tested on 2010. What is done already in
FOLDER is not done again.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml.datasets import files, store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.training import folder as left
from pulsar_ml.training import plan as plans
from pulsar_ml.training import steps
from pulsar_ml.training.parameters import PARAMETERS
from pulsar_ml.training.rows import POLICIES

FIGURES = {
    "recall": "recall",
    "precision": "precision",
    "fpr": "FPR",
    "g_mean": "G-mean",
    "f1": "F1",
    "accuracy": "accuracy",
}
RANKING = {"roc_auc": "ROC AUC", "average_precision": "avg. precision"}
# Recall, precision, FPR, G-mean, F1, accuracy, AUC and average precision of defaults
# of scikit-learn: a scaled logistic regression, 200 trees, learning rate 0.05.
BEFORE = {
    ("logistic_regression", "stratified"): (
        *(0.818, 0.941, 0.0052, 0.902, 0.875, 0.9786, 0.976, 0.922),
    ),
    ("logistic_regression", "grouped"): (
        *(0.820, 0.941, 0.0052, 0.903, 0.876, 0.9788, 0.976, 0.921),
    ),
    ("logistic_regression", "time"): (0.836, 0.863, 0.0067, 0.911, 0.849, 0.986),
    ("random_forest", "stratified"): (
        *(0.843, 0.930, 0.0064, 0.915, 0.884, 0.9798, 0.973, 0.923),
    ),
    ("random_forest", "grouped"): (
        *(0.846, 0.926, 0.0068, 0.916, 0.884, 0.9797, 0.972, 0.922),
    ),
    ("random_forest", "time"): (0.844, 0.828, 0.0089, 0.915, 0.836, 0.984),
    ("gradient_boosting", "stratified"): (
        *(0.845, 0.927, 0.0067, 0.916, 0.884, 0.9797, 0.977, 0.927),
    ),
    ("gradient_boosting", "grouped"): (
        *(0.852, 0.920, 0.0074, 0.920, 0.885, 0.9797, 0.978, 0.926),
    ),
    ("gradient_boosting", "time"): (0.858, 0.832, 0.0087, 0.922, 0.845, 0.985),
}


def main() -> None:
    """Train what is not trained yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="default: one that is forgotten")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    table = files.load(*files.find(None, None))
    with TemporaryDirectory() as forgotten:
        folder = options.folder or Path(forgotten)
        folder.mkdir(parents=True, exist_ok=True)
        dataset = stored(folder, table)
        judged = {
            algorithm: trained(folder / algorithm, dataset, algorithm, options.threads)
            for algorithm in PARAMETERS
        }
    row("algorithm", "split", "rows", *FIGURES.values(), *RANKING.values())
    row(*["---"] * (3 + len(FIGURES) + len(RANKING)))
    for policy in POLICIES:
        for algorithm, metrics in judged.items():
            ours(algorithm, policy, metrics[policy])
            before(algorithm, policy)


def stored(folder: Path, table: Labelled) -> plans.Dataset:
    """HTRU2 as a site would have it."""
    sha256 = store.write(folder, table, temp=folder / "temp")
    path = str(folder / store.ROWS)
    return plans.Dataset(path, sha256, table.name, htru2=True)


def trained(
    folder: Path, dataset: plans.Dataset, algorithm: str, threads: int
) -> dict[str, Any]:
    """The figures by split policy."""
    plan = plans.Plan("", dataset, algorithm, threads=threads)
    plans.write(folder, plan)
    steps.run_all(folder, tell)
    metrics: dict[str, Any] = left.read_json(folder / "evaluate.json")["metrics"]
    return metrics


def tell(done: int, of: int, words: str) -> None:
    """How far it is."""
    print(f"{done}/{of} {words}", file=sys.stderr, flush=True)


def ours(algorithm: str, policy: str, report: dict[str, Any]) -> None:
    """What this training reaches where its thresholds are chosen for F1."""
    figures = [report["at_f1"][name] for name in FIGURES]
    ranking = [report[name] for name in RANKING]
    rows = f"{report['rows']:,} ({report['pulsars']:,})"
    row(algorithm, policy, rows, *map(interval, figures + ranking))


def before(algorithm: str, policy: str) -> None:
    """What a plain model reached."""
    found = BEFORE[algorithm, policy]
    rows = "7,326 (353)" if policy == "time" else "17,898 (1,639)"
    empty = [""] * (len(FIGURES) + len(RANKING) - len(found))
    row("… plain, at 0.5", "", rows, *map(str, found), *empty)


def interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.4f} ({figure['low']:.3f}–{figure['high']:.3f})"


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
