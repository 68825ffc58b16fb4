"""The end of a training, and what follows from it."""

import logging
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from monitor import claims
from monitor.events import record
from monitor.work import State
from registry.models import TrainingRun, TrainingStep
from registry.training import files
from registry.training.line import send_next

logger = logging.getLogger(__name__)

_EVENTS = {
    State.SUCCESS: "training.succeeded",
    State.FAILED: "training.failed",
    State.CANCELLED: "training.cancelled",
}


def end(run: TrainingRun, state: State, *, reason: str = "", **changes: Any) -> None:
    """End the run, if it is still ours, and let the next in the line have its turn."""
    with transaction.atomic():
        if not claims.close(run, state, reason=reason, progress={}, **changes):
            return
        run.refresh_from_db()
        run.count_end(state)
        _end_steps(run, state)
        record(_EVENTS[state], about=str(run), who=run.by_id, **_told(run))
    if state == State.FAILED:
        logger.error("Failed: %s", run.reason)
    else:
        logger.info("Ended: %s %s", run.state, run.version or run.reason)
    if state == State.SUCCESS:
        files.tidy(run)
    send_next()


def put_back(run: TrainingRun) -> None:
    """Have no step of it seem to be at work: its run waits."""
    _at_work(run).update(state=State.QUEUED)


def mend() -> None:
    """Bring steps to where their runs are, whoever ended or freed those."""
    left = TrainingStep.objects.filter(state=State.RUNNING)
    for step in left.exclude(run__state=State.RUNNING).select_related("run"):
        if step.run.is_under_way:
            put_back(step.run)
        else:
            _end_steps(step.run, State(step.run.state))


def _end_steps(run: TrainingRun, state: State) -> None:
    _at_work(run).update(state=state, reason=run.reason, finished_at=now())


def _at_work(run: TrainingRun) -> Any:
    return run.steps.filter(state=State.RUNNING)


def _told(run: TrainingRun) -> dict[str, Any]:
    return {
        "dataset": str(run.dataset),
        "experiment": run.experiment.name,
        "algorithm": run.algorithm,
        "version": run.version and str(run.version),
        "seconds": run.took and round(run.took.total_seconds(), 1),
        "reason": run.reason,
    }
