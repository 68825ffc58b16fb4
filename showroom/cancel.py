"""Stop a batch, and start it again."""

from django.db import transaction

from accounts.models import User
from monitor.events import record
from monitor.send import send
from monitor.stop import stop
from monitor.work import State
from showroom.models import Batch
from showroom.storage import gone


def may_change(user: User, batch: Batch) -> bool:
    """Its owner may, and who may change every batch; a run's go with their run."""
    if batch.is_of_run:
        return False
    return batch.owner_id == user.pk or user.has_perm("showroom.change_batch")


def cancel(batch: Batch, *, by: User) -> None:
    """Ask for the end: at once if it waits, else at its worker's next chunk."""
    stop(batch, "batch.cancelled", by=by)


def resume(batch: Batch, *, by: User) -> None:
    """Go on with a batch that stopped or waits, at its first part not written."""
    stopped = Batch.objects.filter(
        pk=batch.pk,
        source__in=Batch.BROUGHT,
        state__in=[State.FAILED, State.CANCELLED, State.UP_FOR_RETRY],
        deleted_at=None,
    )
    gone.touch(batch)
    with transaction.atomic():
        taken = stopped.update(
            state=State.QUEUED,
            reason="",
            cancel_requested=False,
            attempts=0,
            finished_at=None,
        )
        if taken:
            record("batch.resumed", about=str(batch), who=by)
    if taken:
        gone.found_again(batch)
        send(batch)
