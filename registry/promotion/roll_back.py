"""Give production back to the version that had it before; no gate stands here."""

from django.db import transaction

from accounts.models import User
from registry.errors import CannotPromote
from registry.models import Model, Version
from registry.move_alias import move_alias
from registry.promotion.standing import must_answer, standing

USUAL = "Rolled back."


def roll_back(
    model: Model, *, by: User | None, reason: str, expected: Version
) -> Version:
    """Swap the champion, which is to be the expected one, and what is kept behind."""
    version = standing(model, "rollback")
    if version is None:
        raise CannotPromote(f"{model} has no earlier version to roll back to.")
    must_answer(version)
    why = reason.strip() or USUAL
    with transaction.atomic():
        move_alias("champion", version, expected=expected, by=by, reason=why)
        move_alias("rollback", expected, expected=version, by=by, reason=why)
    return version
