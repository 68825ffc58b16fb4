"""Step explain: what the model remembers of its rows, and what it looks at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import reference
from pulsar_ml.datasets import holdout
from pulsar_ml.evaluation import importance
from pulsar_ml.evaluation.importance import mean_shapley, permutation
from pulsar_ml.serving import Graph
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows
from pulsar_ml.training.steps import Say

EXPLAIN = "explain.json"
# Shuffles of a feature, and rows of each class that are taken apart, in a rehearsal,
# whose figures nobody reads.
_REHEARSED = 2, 5
_OF = 3


class _Explained(NamedTuple):
    """A graph with the background points of its training rows."""

    graph: Graph
    reference: Mapping[str, Any]

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float32]:
        return self.graph.score(features)


def run(folder: Path, say: Say) -> None:
    """Summarise the training rows; tell the weight of each feature.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        Is told how much is done, of how much, and what is at work.
    """
    plan, table = plans.read(folder), rows.marked(folder)
    say(0, _OF, "summarising the training rows")
    trained, held = holdout.trainable(table), table.take(table.holdout)
    holdout.guard(trained)
    summary = reference.summarise(trained.features, trained.labels, plan.seed)
    files.write_json(folder / "reference.json", summary)
    graph = Graph((folder / "model.onnx").read_bytes(), threads=plan.threads)
    model = _Explained(graph, summary)
    say(1, _OF, "shuffling one feature after the other")
    counts = importance.SHUFFLES, importance.EXPLAINED
    shuffles, most = _REHEARSED if plan.rehearsal else counts
    shuffled = permutation(model, held, plan.seed, shuffles=shuffles)
    say(2, _OF, "taking scores apart")
    shares = mean_shapley(model, held, plan.seed, most=most)
    content = {"permutation": shuffled, "shapley": shares}
    files.write_json(folder / EXPLAIN, content)
    say(_OF, _OF, "the features are weighed")
