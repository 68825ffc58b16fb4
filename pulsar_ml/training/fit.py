"""Step fit: search, cross-validate, fit, calibrate, convert, check.

What follows works with the ONNX and the files of this step alone.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pulsar_ml import export
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.model import Model
from pulsar_ml.splits import Fold
from pulsar_ml.training import crossed, rows, search
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training.counter import Counter
from pulsar_ml.training.crossed import Columns
from pulsar_ml.training.plan import Plan
from pulsar_ml.training.steps import Say

BASELINE = "logistic_regression"


class _Given(NamedTuple):
    """What both models of a training are made from."""

    plan: Plan
    table: Labelled
    cuts: Mapping[str, list[Fold]]
    counter: Counter


class _Fitted(NamedTuple):
    """A model in every form that later steps need."""

    onnx: bytes
    tested: Columns
    unseen: Columns
    about: dict[str, Any]


def run(folder: Path, say: Say) -> None:
    """Leave the model, and what models like it say of rows they had not seen.

    Parameters
    ----------
    folder : Path
        Of the training.
    say : callable
        See `pulsar_ml.training.steps`.

    Raises
    ------
    BadInput
        If the plan asks for parameters that cannot be.
    ConversionFailed
        If the ONNX gives other scores than scikit-learn.
    """
    plan, cuts = plans.read(folder), rows.folds(folder)
    sets = search.candidates(plan)
    counter = Counter(_pieces(plan, cuts, len(sets)), say)
    given = _Given(plan, rows.marked(folder), cuts, counter)
    judged = _searched(given, sets)
    chosen = search.best(judged) if judged else sets[0]
    made = _fitted(given, plan.algorithm, chosen)
    about: dict[str, Any] = {**made.about, "search": judged, "baseline": None}
    tested, unseen = made.tested, made.unseen
    files.write(folder / "model.onnx", made.onnx)
    if plan.algorithm != BASELINE:
        other = _fitted(given, BASELINE, {})
        files.write(folder / "baseline.onnx", other.onnx)
        tested, unseen = _beside(tested, other.tested), _beside(unseen, other.unseen)
        about["baseline"] = other.about
    counter.end()
    files.write_arrays(folder / "folds.npz", tested)
    files.write_arrays(folder / "out_of_fold.npz", unseen)
    files.write_json(folder / "timings.json", counter.seconds)
    files.write_json(folder / "fit.json", about)


def _pieces(plan: Plan, cuts: Mapping[str, list[Fold]], sets: int) -> int:
    """Count the pieces of work: each fold, and for each model its fit and its ONNX."""
    tried = sets * len(cuts[plan.policy]) if plan.search else 0
    models = 1 if plan.algorithm == BASELINE else 2
    return tried + models * (sum(map(len, cuts.values())) + 2)


def _searched(given: _Given, sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    plan, _, cuts, counter = given
    if not plan.search:
        return []
    table = holdout.trainable(given.table)
    return [
        search.judge(plan, one, table, cuts[plan.policy], counter.begin) for one in sets
    ]


def _fitted(given: _Given, algorithm: str, chosen: Mapping[str, Any]) -> _Fitted:
    plan, whole, cuts, counter = given
    new_model = partial(
        Model, algorithm, chosen, folds=plan.parts, seed=plan.seed, jobs=plan.threads
    )
    table = holdout.trainable(whole)
    places = np.flatnonzero(~(whole.holdout | whole.sentinel))
    tested = crossed.tested(new_model, table, cuts, plan.recall, counter.begin)
    counter.begin(f"{algorithm}: training on {len(table):,} rows")
    # The final model is calibrated on these very folds; see `Model.fit`.
    grouped = tested["policy"] == "grouped"
    unseen = np.full(len(table), np.nan)
    unseen[tested["row"][grouped]] = tested.pop("raw")[grouped]
    model = new_model().fit(table, unseen)
    counter.begin(f"{algorithm}: converting, comparing {len(whole):,} scores")
    return _Fitted(
        onnx=export.to_onnx(model, whole.features),
        tested={**tested, "row": places[tested["row"]]},
        unseen={"row": places, "score": model.out_of_fold_},
        about=_about(model),
    )


def _about(model: Model) -> dict[str, Any]:
    return {
        "algorithm": model.algorithm,
        "parameters": model.all_parameters(),
        "calibration": {
            "method": "sigmoid on out-of-fold scores",
            "slope": round(model.slope_, 6),
            "intercept": round(model.intercept_, 6),
        },
    }


def _beside(ours: Columns, theirs: Columns) -> Columns:
    """Add the baseline's columns where they differ; the rows are the same."""
    others = {name for name in theirs if name.startswith(("score", "threshold"))}
    return {**ours, **{f"baseline_{name}": theirs[name] for name in sorted(others)}}
