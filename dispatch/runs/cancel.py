"""Stop a run, and try it again."""

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from dispatch.errors import CannotRetry
from dispatch.models import Run, Schedule
from dispatch.runs.end import follow_up
from dispatch.runs.waiting import start_waiting
from monitor.events import record
from monitor.send import send
from monitor.stop import stop
from monitor.work import State
from showroom.storage import gone


def cancel(run: Run, by: User) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    with transaction.atomic():
        ended = stop(run, "run.cancelled", by=by, schedule=run.schedule.slug)
        if ended:
            follow_up()
    if ended:
        start_waiting(now(), run.schedule)


def retry(run: Run, by: User) -> None:
    """Go on with a run that failed or was stopped, after its last finished part.

    One that is to be tried again later is tried now.
    """
    if run.state == State.UP_FOR_RETRY:
        _try_now(run, by)
    else:
        _reopen(run, by)
    send(run)


def _try_now(run: Run, by: User) -> None:
    waiting = Run.objects.filter(pk=run.pk, state=State.UP_FOR_RETRY)
    with transaction.atomic():
        # The reason stays, as when the sweep wakes it.
        if not waiting.update(state=State.QUEUED, not_before=None):
            raise CannotRetry("It waits no longer: it goes on or has ended.")
        _tell(run, by)


def _reopen(run: Run, by: User) -> None:
    _check(run)
    stopped = Run.objects.filter(
        pk=run.pk, state__in=[State.FAILED, State.CANCELLED], open=None
    )
    if run.batch:
        gone.touch(run.batch)
    try:
        with transaction.atomic():
            taken = stopped.update(
                state=State.QUEUED,
                open=True,
                reason="",
                cancel_requested=False,
                tries=0,
                attempts=0,
                not_before=None,
                started_at=None,
                finished_at=None,
            )
            if taken:
                _tell(run, by)
    except IntegrityError as error:
        raise CannotRetry(_because_of(run.schedule)) from error
    if not taken:
        raise CannotRetry("Only a run that failed or was cancelled can be tried again.")


def _tell(run: Run, by: User) -> None:
    record("run.resumed", about=str(run), who=by, schedule=run.schedule.slug)


def _check(run: Run) -> None:
    if run.schedule.live is None:
        raise CannotRetry("Its schedule was removed; restore that first.")
    if run.n_files and run.batch is None:
        raise CannotRetry("Its batch was removed, and with it what it had read.")
    if run.batch and run.batch.deleted_at:
        raise CannotRetry("Its batch was deleted; restore that first.")


def _because_of(schedule: Schedule) -> str:
    other = schedule.runs.filter(open=True).first()
    name = str(other).capitalize() if other else "Another run"
    return f"{name} of this schedule is open; wait for its end."
