"""From a plan to an artefact, step by step, each done once for the same inputs.

A step reads the plan and what the steps before it have left in the folder of the
training, and leaves files of its own:

load
    ``rows.parquet``, all rows or those of a rehearsal; ``load.json``, their counts.
split
    ``split.npz``: ``holdout`` and ``sentinel``, by row; and by policy, for each row
    that may be trained on, the fold that tests it, `ALWAYS` where it is trained on in
    every fold and `NEVER` where in none. ``split.json``: counts by part, and under
    ``policies`` how many folds each has or why none.
fit
    ``model.onnx``; ``baseline.onnx``, logistic regression on the same rows, unless it
    is one; ``folds.npz``: for each row tested under each policy ``policy``, ``fold``,
    ``row`` (its place in ``rows.parquet``, from 0), ``score``, and ``threshold`` and
    ``threshold_f1`` of its fold; ``out_of_fold.npz``: for each row trained on ``row``
    and ``score``, the probability by a model that had not seen it, of the final fit.
    Where there is a baseline, both have its columns too, ``baseline_`` before their
    names. ``fit.json``: ``parameters``, ``search``, ``calibration``. ``timings.json``
    is no output: no later step reads it.
threshold, evaluate, slice, explain
    ``threshold.json``, ``evaluate.json``, ``slices.json``, ``explain.json`` and
    ``reference.json``: from the files above and the ONNX alone.
register
    ``artefact/``, whole or not at all.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pulsar_ml import parquet
from pulsar_ml.errors import PulsarError
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import sources

# Is told how much is done, of how much, and what is at work.
Say = Callable[[int, int, str], object]


@dataclass(frozen=True)
class Step:
    """One step of every training.

    Attributes
    ----------
    name : str
        What people call it.
    module : str
        Whose ``run`` does it. It is imported when it is wanted: most steps need no
        scikit-learn, which takes seconds.
    outputs : tuple of str
        Files and folders that it may leave.
    """

    name: str
    module: str
    outputs: tuple[str, ...]

    def run(self, folder: Path, say: Say) -> None:
        """Do the step and vouch for what it left.

        Parameters
        ----------
        folder : Path
            Of the training.
        say : callable
            Is told how much is done, of how much, and what is at work.

        Raises
        ------
        PulsarError
            If it cannot be done with these rows or this plan.
        """
        for earlier in _before(self):
            if not _stamp(folder, earlier).exists():
                raise PulsarError(f"{self.name} comes after {earlier.name}.")
        _stamp(folder, self).unlink(missing_ok=True)
        for name in self.outputs:
            _remove(folder / name)
        inputs = inputs_sha256(folder, self)
        import_module(f"pulsar_ml.training.{self.module}").run(folder, say)
        left = [_described(folder, path) for path in _left(folder, self)]
        stamp = {"inputs_sha256": inputs, "outputs": left}
        files.write_json(_stamp(folder, self), stamp)


STEPS: tuple[Step, ...] = (
    Step("load", "load", ("rows.parquet", "load.json")),
    Step("split", "split", ("split.npz", "split.json")),
    Step(
        "fit",
        "fit",
        ("model.onnx", "baseline.onnx", "folds.npz", "out_of_fold.npz", "fit.json"),
    ),
    Step("threshold", "threshold", ("threshold.json",)),
    Step("evaluate", "evaluate", ("evaluate.json",)),
    Step("slice", "slices", ("slices.json",)),
    Step("explain", "explain", ("explain.json", "reference.json")),
    Step("register", "pack", ("artefact",)),
)
BY_NAME: Mapping[str, Step] = {step.name: step for step in STEPS}


def run_all(folder: Path, say: Say) -> None:
    """Do every step that is not done, in this process.

    Parameters
    ----------
    folder : Path
        Of the training; its plan is there.
    say : callable
        Is told how much is done, of how much, and what is at work.

    Raises
    ------
    PulsarError
        If a step cannot be done with these rows or this plan.
    """
    for step in STEPS:
        if not is_done(folder, step):
            step.run(folder, say)


def inputs_sha256(folder: Path, step: Step) -> str:
    """Tell what a step works with.

    Parameters
    ----------
    folder : Path
        Of the training.
    step : Step
        Whose inputs.

    Returns
    -------
    str
        SHA-256 over the plan, all that the steps before it left, the code and its
        libraries: with the same inputs a step gives the same outputs.
    """
    plan = files.read_json(folder / plans.PLAN)
    # Threads change how long it takes, and nothing else.
    plan.pop("threads")
    before = [outputs(folder, earlier) for earlier in _before(step)]
    code = [sources.code_version(), sources.libraries()]
    told = json.dumps([step.name, plan, before, code], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def is_done(folder: Path, step: Step) -> bool:
    """Say whether a step need not be done again.

    Parameters
    ----------
    folder : Path
        Of the training.
    step : Step
        Any of `STEPS`.

    Returns
    -------
    bool
        Whether it was done with the very inputs of now, and all it left is still there,
        unchanged.
    """
    if not _stamp(folder, step).exists():
        return False
    stamp = files.read_json(_stamp(folder, step))
    return bool(
        stamp["inputs_sha256"] == inputs_sha256(folder, step)
        and stamp["outputs"] == [_described(folder, p) for p in _left(folder, step)]
    )


def outputs(folder: Path, step: Step) -> list[dict[str, Any]]:
    """List what a step has left.

    Parameters
    ----------
    folder : Path
        Of the training.
    step : Step
        Any of `STEPS`.

    Returns
    -------
    list of dict
        Name (within the folder), size and sha256 of each file; none before it is done.
    """
    stamp = _stamp(folder, step)
    left: list[dict[str, Any]] = []
    return files.read_json(stamp)["outputs"] if stamp.exists() else left


def finished_at(folder: Path, step: Step) -> float:
    """Tell when a step was done, whoever asks how late.

    Parameters
    ----------
    folder : Path
        Of the training.
    step : Step
        One that is done.

    Returns
    -------
    float
        Seconds since 1970.
    """
    return _stamp(folder, step).stat().st_mtime


def _before(step: Step) -> tuple[Step, ...]:
    return STEPS[: STEPS.index(step)]


def _stamp(folder: Path, step: Step) -> Path:
    return folder / f"{step.name}.done.json"


def _left(folder: Path, step: Step) -> list[Path]:
    found: list[Path] = []
    for name in step.outputs:
        path = folder / name
        if path.is_dir():
            found += sorted(path.iterdir())
        elif path.exists():
            found.append(path)
    return found


def _described(folder: Path, path: Path) -> dict[str, Any]:
    return {
        "name": path.relative_to(folder).as_posix(),
        "size": path.stat().st_size,
        "sha256": parquet.digest(path),
    }


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
