"""The first step of a retraining: the base and all labels that hold, as one dataset."""

from monitor import crash, room
from monitor.send import send
from monitor.work import State
from pulsar_ml.datasets import treatments
from registry.datasets import freeze
from registry.models import Build, Retraining
from registry.triggers import rows
from registry.triggers.stage import Stage, end, go, say


def step(retraining: Retraining) -> bool:
    """Ask for the dataset, or wait for it; without new labels there is none to make."""
    if retraining.build is None:
        return _ask(retraining)
    build = retraining.build
    if build.is_under_way:
        return False
    if build.state == State.SUCCESS and build.dataset:
        return go(retraining, Stage.TRAINING)
    why = build.reason or "it left no dataset."
    end(retraining, Stage.FAILED, f"{str(build).capitalize()} {build.state}: {why}")
    return False


def _ask(retraining: Retraining) -> bool:
    base = rows.base()
    has_new = rows.new_labels(retraining.model, before=retraining).exists()
    if base is None or not has_new:
        return go(retraining, Stage.TRAINING)
    if reason := room.shortage(base.size):
        say(retraining, f"{reason} It goes on when there is room.")
        return False
    build = _asked(retraining) or freeze.ask_for(
        base,
        labels={},
        steps=treatments.offered(),
        name=f"{base.name}, labels of {retraining}"[:100],
        by=retraining.decision.by,
        send_it=False,
    )
    crash.at("retraining.build.asked")
    # Whoever asked may have been cut off between its row and its folder.
    build.folder.mkdir(parents=True, exist_ok=True)
    kept = go(retraining, Stage.FREEZING, build=build)
    crash.at("retraining.build.kept")
    send(build)
    return kept


def _asked(retraining: Retraining) -> Build | None:
    """What it asked for before it was cut off: under its own name."""
    asked = Build.objects.filter(kind=Build.Kind.FREEZE, by=retraining.decision.by)
    since = asked.filter(created_at__gte=retraining.created_at)
    return since.filter(request_id=str(retraining)).first()
