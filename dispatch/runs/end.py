"""The end of a run, and what follows from it for its batch and its schedule."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import now

from dispatch import metrics
from dispatch.models import Run, Schedule
from dispatch.runs.beat import counts
from dispatch.runs.waiting import start_waiting
from monitor import claims
from monitor.events import record
from monitor.work import State
from showroom.models import Batch

logger = logging.getLogger(__name__)

_EVENTS = {
    State.SUCCESS: "run.succeeded",
    State.FAILED: "run.failed",
    State.CANCELLED: "run.cancelled",
}
_BATCH_EVENTS = {State.FAILED: "batch.failed", State.CANCELLED: "batch.cancelled"}
_UNDER_WAY = (State.QUEUED, State.RUNNING, State.UP_FOR_RETRY)


def end(run: Run, state: State, *, reason: str = "") -> None:
    """End the run, if it is still ours, and let a slot that waits have its turn."""
    nulls = metrics.n_null(run)
    with transaction.atomic():
        if not claims.close(run, state, reason=reason, **counts(run)):
            return
        run.refresh_from_db()
        run.count_end(state)
        metrics.put(run, nulls)
        record(
            _EVENTS[state],
            about=str(run),
            who=run.by_id,
            reason=run.reason,
            **told(run),
        )
        if state == State.SUCCESS:
            _it_is_well(run)
        else:
            follow_up()
    _say(run)
    start_waiting(now(), run.schedule)


def _say(run: Run) -> None:
    """Tell the log; of a run that found nothing there is nothing to tell."""
    if run.state == State.FAILED:
        logger.error("Failed: %s", run.reason)
    elif run.batch_id or run.reason:
        logger.info("Ended: %s %s", run.state, run.reason)


def told(run: Run) -> dict[str, Any]:
    """What events say of a run."""
    return {
        "schedule": run.schedule.slug,
        "files": run.n_files,
        "waiting": run.n_waiting,
        "rows": run.n_rows,
        "scored": run.n_scored,
        "pulsars": run.n_pulsars,
        "rejected": run.n_rejected,
    }


def follow_up() -> None:
    """Bring batches and schedules to where their runs ended, whoever ended those."""
    left = Run.objects.filter(state__in=_BATCH_EVENTS, batch__state__in=_UNDER_WAY)
    for run in left.select_related("batch"):
        if run.batch:
            _end_batch(run.batch, run)
    later = Q(succeeded_at=None) | Q(runs__finished_at__gt=F("succeeded_at"))
    Schedule.objects.filter(later, failing=False, runs__state=State.FAILED).update(
        failing=True
    )


def _end_batch(batch: Batch, run: Run) -> None:
    stopped = Batch.objects.filter(pk=batch.pk, state__in=_UNDER_WAY)
    with transaction.atomic():
        ended = stopped.update(
            state=run.state,
            reason=run.reason,
            holder="",
            lease_until=None,
            finished_at=run.finished_at,
        )
        if ended:
            record(
                _BATCH_EVENTS[State(run.state)],
                about=str(batch),
                who=run.by_id,
                reason=run.reason,
            )


def _it_is_well(run: Run) -> None:
    """Tell once that the schedule runs well for the first time, or again."""
    mine = Schedule.objects.filter(pk=run.schedule_id)
    about = str(run.schedule)
    if mine.filter(succeeded_at=None).update(succeeded_at=run.finished_at):
        record("schedule.first_succeeded", about=about, run=run.pk)
    if mine.filter(failing=True).update(failing=False):
        record("schedule.recovered", about=about, run=run.pk)
    mine.update(succeeded_at=run.finished_at)
