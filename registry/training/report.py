"""What a training came to, in one line for people or one object for a program."""

from typing import Any

from monitor.work import State
from registry.models import TrainingRun


def report(run: TrainingRun) -> dict[str, Any]:
    """All that a program may want to know of it."""
    return {
        "training": run.pk,
        "page": run.get_absolute_url(),
        "state": run.state,
        "reason": run.reason,
        "experiment": run.experiment.name,
        "dataset": run.dataset.number,
        "algorithm": run.algorithm,
        "policy": run.policy,
        "seed": run.seed,
        "parameters": run.chosen or run.parameters,
        "tags": run.tags,
        "version": run.version and str(run.version),
        "sha256": run.version and run.version.sha256,
        "metrics": run.metrics,
        "seconds": run.took and run.took.total_seconds(),
    }


def line(run: TrainingRun) -> str:
    """The same in words."""
    if run.state == State.SUCCESS:
        told = [f"{name} {run.metrics[key]:.3f}" for name, key in _told(run)]
        seconds = run.took.total_seconds() if run.took else 0
        return f"{run}: {', '.join([str(run.version), *told, f'{seconds:.0f} s'])}"
    words = run.state.replace("_", " ")
    return f"{run}: {words}: {run.reason}" if run.reason else f"{run}: {words}"


def at_work(run: TrainingRun) -> str:
    """What is being done just now, empty if nothing."""
    said = run.progress
    if not said:
        return run.reason or run.state.replace("_", " ")
    step = f"{said['step']} of the rehearsal" if said["rehearsal"] else said["step"]
    words = [step, said["words"]]
    if said["of"]:
        words.append(f"{said['done']} of {said['of']}")
    return ", ".join(word for word in words if word)


def _told(run: TrainingRun) -> list[tuple[str, str]]:
    named = ("recall", "precision", "f1")
    pairs = [(name, f"holdout.{name}") for name in named]
    return [(name, key) for name, key in pairs if key in run.metrics]
