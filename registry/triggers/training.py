"""The second step of a retraining: a version, trained as the trigger wants it."""

from typing import Any

from monitor import crash
from monitor.work import State
from registry.errors import CannotTrain
from registry.models import Dataset, Retraining, TrainingRun
from registry.training.ask import ask
from registry.triggers import rows
from registry.triggers.stage import Stage, end, go

EXPERIMENT = "Retrainings"
# What of a run is asked for once more.
_SAME = ("algorithm", "parameters", "search", "policy", "seed", "recall")


def step(retraining: Retraining) -> bool:
    """Ask for the training, or wait for it."""
    run = retraining.run
    if run is None:
        run = _asked(retraining) or _ask(retraining)
        crash.at("retraining.run.asked")
        return go(retraining, Stage.TRAINING, run=run)
    if run.is_under_way:
        return False
    if run.state == State.SUCCESS and run.version:
        return go(retraining, Stage.COMPARING, version=run.version)
    why = run.reason or "it left no version."
    end(retraining, Stage.FAILED, f"{str(run).capitalize()} {run.state}: {why}")
    return False


def settings(trigger_says: dict[str, Any], model: str) -> dict[str, Any]:
    """How it trains: as the trigger says, else as the last training that succeeded."""
    if trigger_says:
        return trigger_says
    done = TrainingRun.objects.filter(model=model, state=State.SUCCESS)
    last = done.order_by("-pk").first()
    return {name: getattr(last, name) for name in _SAME} if last else {}


def _ask(retraining: Retraining) -> TrainingRun:
    trigger = retraining.trigger
    return ask(
        dataset=_dataset(retraining),
        **settings(trigger.training, retraining.model),
        experiment=EXPERIMENT,
        notes=f"Started by the trigger {trigger.name}: {retraining.decision.reason}",
        model=retraining.model,
        source=TrainingRun.Source.TRIGGER,
        by=retraining.decision.by,
    )


def _dataset(retraining: Retraining) -> Dataset:
    made = retraining.build and retraining.build.dataset
    found = made or rows.newest()
    if found is None:
        raise CannotTrain("There is no dataset to learn from.")
    return found


def _asked(retraining: Retraining) -> TrainingRun | None:
    """What it asked for before it was cut off: under its own name."""
    asked = TrainingRun.objects.filter(source=TrainingRun.Source.TRIGGER)
    since = asked.filter(created_at__gte=retraining.created_at)
    return since.filter(request_id=str(retraining)).first()
