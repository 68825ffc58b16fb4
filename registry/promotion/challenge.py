"""Make a version the challenger of the one in production."""

from accounts.models import User
from registry.errors import CannotPromote
from registry.load import must_be_ready
from registry.models import Version
from registry.move_alias import move_alias
from registry.promotion.standing import standing

USUAL = "Made the challenger."


def challenge(version: Version, *, by: User | None, reason: str) -> None:
    """Move the challenger here from wherever it is."""
    must_be_ready(version)
    if version == standing(version.model, "champion"):
        raise CannotPromote(f"{version} is in production, and cannot challenge itself.")
    before = standing(version.model, "challenger")
    if before != version:
        why = reason.strip() or USUAL
        move_alias("challenger", version, expected=before, by=by, reason=why)
