"""Stop a training."""

from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from monitor.work import State
from registry.models import TrainingRun
from registry.training.line import send_next


def cancel(run: TrainingRun, *, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    asked = TrainingRun.objects.under_way().filter(pk=run.pk)
    with transaction.atomic():
        if not asked.filter(cancel_requested=False).update(cancel_requested=True):
            return
        ended = asked.filter(state__in=[State.QUEUED, State.UP_FOR_RETRY]).update(
            state=State.CANCELLED,
            reason="Cancelled on request.",
            finished_at=now(),
            **TrainingRun.ALONG[State.CANCELLED],
        )
        if ended:
            run.count_end(State.CANCELLED)
            record("training.cancelled", about=str(run), who=by)
    if ended:
        send_next()
