"""Take a label back, and give it again."""

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from registry.errors import RegistryError
from registry.models import Label


class Overtaken(RegistryError):
    """Its person has said something else of the candidate since."""


def may_withdraw(user: User, label: Label) -> bool:
    """Whether this person may: it is their own word, or they keep all labels."""
    return label.person_id == user.pk or user.has_perm("registry.change_label")


@transaction.atomic
def withdraw(label: Label, *, by: User) -> bool:
    """Take it back; datasets that were frozen with it keep it."""
    was_so = Label.objects.filter(pk=label.pk, current=True).update(current=None)
    if was_so:
        record("label.withdrawn", about=str(label), who=by, **_of(label))
    return was_so == 1


def restore(label: Label, *, by: User) -> bool:
    """Let it hold again, unless another word took its place."""
    try:
        with transaction.atomic():
            gone = Label.objects.gone().filter(pk=label.pk)
            was_gone = gone.update(current=True, held_at=now())
            if was_gone:
                record("label.restored", about=str(label), who=by, **_of(label))
    except IntegrityError as error:
        held = Label.objects.current().get(hash=label.hash, person=label.person_id)
        raise Overtaken(
            f"{label.person} has labelled this candidate again since, as"
            f" {held.verdict}: withdraw that first."
        ) from error
    return was_gone == 1


def _of(label: Label) -> dict[str, object]:
    return {"verdict": label.verdict, "candidate": label.name or label.hash[:12]}
