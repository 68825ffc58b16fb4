"""Who sees which verdicts: blind batches, and private ones that are opened."""

from django.db import transaction

from accounts.models import User
from monitor.events import record
from registry.models import Label
from showroom.errors import ShowroomError
from showroom.models import Batch, Verdict
from showroom.verdicts.settle import settle


def may_blind(user: User, batch: Batch) -> bool:
    """Its owner may, and who may change every batch."""
    return batch.owner_id == user.pk or user.has_perm("showroom.change_batch")


def may_open(user: User, batch: Batch) -> bool:
    """Its owner may, and who sees every private batch."""
    return batch.owner_id == user.pk or user.has_perm("showroom.view_private_batch")


def blind(batch: Batch, *, by: User) -> None:
    """From now on nobody sees others' verdicts on a row before their own."""
    _change(batch, "batch.blinded", blind=True, by=by)


def unblind(batch: Batch, *, by: User) -> None:
    """Let everybody see all verdicts on the batch."""
    _change(batch, "batch.unblinded", blind=False, by=by)


def open_to_all(batch: Batch, *, by: User) -> None:
    """Let everybody see a private batch; what was said of it becomes labels."""
    hidden = Batch.objects.filter(pk=batch.pk, private=True, deleted_at=None)
    with transaction.atomic():
        if not hidden.update(private=False):
            raise ShowroomError("The batch is open to everybody already.")
        record("batch.opened", about=str(batch), who=by)
    # Broken off here, the sweeper makes the labels.
    settle()


@transaction.atomic
def _change(batch: Batch, kind: str, *, blind: bool, by: User) -> None:
    if not Batch.objects.filter(pk=batch.pk, blind=not blind).update(blind=blind):
        return  # in another window, a moment ago
    labels = Verdict.objects.of_batch(batch).exclude(label=None).values("label")
    Label.objects.filter(pk__in=labels).update(blind=blind)
    record(kind, about=str(batch), who=by)
