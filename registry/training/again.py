"""Train once more with the same settings; or go on with what failed or was stopped."""

from django.db import transaction

from accounts.models import User
from monitor.events import record
from monitor.send import send
from monitor.work import State
from registry.errors import CannotTrain
from registry.models import TrainingRun
from registry.training.ask import ask


def again(
    run: TrainingRun,
    *,
    by: User | None,
    source: str = TrainingRun.Source.PAGE,
) -> TrainingRun:
    """A new run that is asked for as this one was."""
    return ask(
        dataset=run.dataset,
        algorithm=run.algorithm,
        parameters=run.parameters,
        search=run.search,
        policy=run.policy,
        seed=run.seed,
        recall=run.recall,
        experiment=run.experiment.name,
        tags=run.tags,
        model=run.model,
        source=source,
        by=by,
    )


def go_on(run: TrainingRun, *, by: User | None) -> None:
    """Take up a run that failed or was cancelled at its first step that is not whole.

    What has changed since, such as the sentinels, holds for it too.
    """
    stopped = TrainingRun.objects.filter(
        pk=run.pk, state__in=[State.FAILED, State.CANCELLED]
    )
    with transaction.atomic():
        taken = stopped.update(
            state=State.QUEUED,
            reason="",
            cancel_requested=False,
            attempts=0,
            not_before=None,
            asked_at=None,
            started_at=None,
            finished_at=None,
        )
        if taken:
            record("training.resumed", about=str(run), who=by)
    if not taken:
        raise CannotTrain("Only a training that failed or was cancelled can go on.")
    send(run)
