"""Score what a run has read, by the very core that scores uploads."""

from django.db import transaction

from dispatch.errors import BatchFailed, NoRoom, NothingUsable
from dispatch.models import Run
from dispatch.runs.beat import Beat
from monitor import claims, crash
from monitor.events import record
from monitor.work import LeaseLost, State
from showroom.classify import NOTHING_USABLE, classify
from showroom.models import Batch


def batch_of(run: Run) -> Batch:
    """The run's batch, with what is needed to score it."""
    batches = Batch.objects.select_related("version__model")
    batch = batches.filter(dispatch_run=run.pk, deleted_at=None).first()
    if batch is None:
        raise NothingUsable("Its batch was deleted.")
    return batch


def infer(run: Run, beat: Beat) -> None:
    """Bring the run's batch to its end, from the first part that is not written."""
    batch = batch_of(run)
    if batch.state != State.SUCCESS:
        _take_up(run, batch)
        classify(batch, lambda: _at_part(beat))
        batch.refresh_from_db()
    crash.at("infer.done")
    _judge(batch, beat)


def _at_part(beat: Beat) -> None:
    crash.at("infer.part")
    beat()


def _take_up(run: Run, batch: Batch) -> None:
    """Make it ours to score: who still works on it has lost the run, and so this."""
    afresh = {} if batch.state == State.UP_FOR_RETRY else {"reason": ""}
    ended = batch.state in {State.FAILED, State.CANCELLED}
    with transaction.atomic():
        claims.keep(run)
        Batch.objects.filter(pk=batch.pk).update(
            state=State.QUEUED,
            holder="",
            lease_until=None,
            attempts=0 if ended else batch.attempts,
            finished_at=None,
            **afresh,
        )
        # One that waited for room says so itself.
        if batch.attempts and batch.state != State.UP_FOR_RETRY:
            record("batch.resumed", about=str(batch), attempts=batch.attempts)
    batch.refresh_from_db()


def _judge(batch: Batch, beat: Beat) -> None:
    """Say of a batch that did not come to its end what that means for the run."""
    if batch.state == State.UP_FOR_RETRY:
        raise NoRoom(batch.reason)
    if batch.state == State.FAILED and batch.reason == NOTHING_USABLE:
        raise NothingUsable(batch.reason)
    if batch.state == State.FAILED:
        raise BatchFailed(batch.reason)
    if batch.state != State.SUCCESS:
        beat.now()  # whatever stopped it stops the run
        raise LeaseLost(f"Another worker has taken {batch} over.")
