"""The shipped versions side by side: how good, how large, how fast.

    PULSARSITE_DATA=... python benchmarks/models.py

prints the two tables of docs/model-card.md. The figures come from the cards; size and
speed are measured here and now, scikit-learn's of the same parameters beside them.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml import artefact
from pulsar_ml.datasets import files, holdout
from pulsar_ml.model import Model
from pulsar_ml.serving import Scorer, shipped

MILLION = 1_000_000
SPLITS = {
    "stratified": "stratified",
    "grouped": "grouped by pointing",
    "time": "2008-09 → 2010",
    "holdout": "hold-out",
}
FIGURES = {
    "recall": "recall",
    "precision": "precision",
    "g_mean": "G-mean",
    "fpr": "FPR",
    "accuracy": "accuracy",
    "roc_auc": "ROC AUC",
    "average_precision": "avg. precision",
    "brier": "Brier",
}


def figures() -> None:
    """What the cards say, at the shipped threshold and, for F1, at that of F1."""
    row("version", "rows", *FIGURES.values(), "F1 at its threshold")
    row(*["---"] * (len(FIGURES) + 3))
    for folder in shipped():
        card = Scorer(folder).card
        for split, name in SPLITS.items():
            report = card["metrics"][split]
            shown = [interval(report[figure]) for figure in FIGURES]
            f1 = interval(report["at_f1"]["f1"])
            row(f"{folder.name} {card['algorithm']}", name, *shown, f1)


def speeds() -> None:
    """File size and time, each the best of five: other programs only ever add."""
    table = files.load(*files.find(None, None))
    rows = holdout.trainable(table)
    many = np.resize(table.features, (MILLION, table.features.shape[1]))
    row("version", "ONNX MB", "load ms", "one row ms", "1 M rows s", "2 threads s")
    row(*["---"] * 6)
    for folder in shipped():
        one, two = Scorer(folder), Scorer(folder, threads=2)
        row(
            f"{folder.name} {one.card['algorithm']}",
            f"{(folder / artefact.MODEL).stat().st_size / 1e6:.3f}",
            f"{1e3 * seconds(lambda folder=folder: Scorer(folder)):.0f}",
            f"{1e3 * each(lambda one=one: one.score(many[:1])):.4f}",
            f"{seconds(lambda one=one: one.score(many)):.2f}",
            f"{seconds(lambda two=two: two.score(many)):.2f}",
        )
        card = one.card
        model = Model(card["algorithm"], card["parameters"])
        model.fit(rows)
        row(
            "… the same in scikit-learn",
            "",
            "",
            f"{1e3 * each(lambda model=model: model.probability(many[:1]), 20):.4f}",
            f"{seconds(lambda model=model: model.probability(many), 1):.2f}",
            "",
        )


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.4f} ({figure['low']:.3f}–{figure['high']:.3f})"


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The least over some times."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def each(work: Callable[[], object], times: int = 1000) -> float:
    """One of very many."""
    return seconds(lambda: [work() for _ in range(times)]) / times


if __name__ == "__main__":
    figures()
    print()
    speeds()
