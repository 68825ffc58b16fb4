"""Step slice: where the model does badly."""

from pathlib import Path

from pulsar_ml.evaluation.slices import slices
from pulsar_ml.serving import Graph
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows, threshold
from pulsar_ml.training.steps import Say

SLICES = "slices.json"


def run(folder: Path, say: Say) -> None:
    """Judge the model in each part of the hold-out.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        Is told how much is done, of how much, and what is at work.
    """
    say(0, 1, "judging the hold-out in parts")
    table, plan = rows.marked(folder), plans.read(folder)
    held = table.take(table.holdout)
    graph = Graph((folder / "model.onnx").read_bytes(), threads=plan.threads)
    at = threshold.read(files.read_json(folder / threshold.THRESHOLD))
    found = slices(held, graph.score(held.features), at.shipped)
    files.write_json(folder / SLICES, {"slices": found})
    say(1, 1, f"{len(found):,} parts are judged")
