"""The commands that need labels: train, evaluate, ship."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping

import numpy as np

from pulsar_ml.datasets import files
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadArtefact
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.serving import Scorer
from pulsar_ml.ship import ship
from pulsar_ml.thresholds import Thresholds
from pulsar_ml.train import train


def _train(options: argparse.Namespace) -> int:
    if options.out.exists():
        # Before the minutes of training, not after them.
        raise BadArtefact(f"{options.out} exists; a version is never overwritten.")
    made = train(
        _table(options),
        options.algorithm,
        seed=options.seed,
        jobs=options.jobs,
        say=_say,
    )
    sys.stdout.write(f"{made.write(options.out)}  {options.out}\n")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    scorer = Scorer(options.model)
    if not scorer.tells_its_rows:
        _say("nobody knows what it was trained on: these rows may be among that")
    table = _table(options)
    seen = np.isin(table.hashes, list(scorer.trained_on()))
    _say(f"{seen.sum():,} rows that the model was trained on are left out")
    rows = table.take(~seen)
    files.check_size(rows, "to judge by")
    at = Thresholds(scorer.threshold, scorer.card["threshold_f1"])
    test = Scored(rows.labels, scorer.score(rows.features), at)
    report = Evaluator().on_unseen(test, rows.groups)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


def _ship(options: argparse.Namespace) -> int:
    ship(_table(options), options.out, jobs=options.jobs, say=_say)
    return 0


def _table(options: argparse.Namespace) -> Labelled:
    table = files.load(*files.find(options.data, options.observations))
    for note in table.notes:
        _say(note)
    return table


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "train": _train,
    "evaluate": _evaluate,
    "ship": _ship,
}
