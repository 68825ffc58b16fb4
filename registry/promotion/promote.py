"""Put a version into production, and keep the old one for the way back."""

from django.db import transaction

from accounts.models import User
from monitor.events import record
from registry.errors import CannotPromote, GateRefused
from registry.models import Comparison, Version
from registry.move_alias import move_alias
from registry.promotion.objection import objection
from registry.promotion.standing import must_answer, standing


def promote(
    version: Version,
    *,
    by: User | None,
    comparison: Comparison | None,
    expected: Version | None,
    override: str = "",
    reason: str = "",
) -> None:
    """Move the champion from the expected version, if the gate lets this one pass.

    A written override goes past the gate. The challenger stays where it is until
    another is made challenger: a version may be both.
    """
    if version == expected:
        raise CannotPromote(f"{version} is in production already.")
    must_answer(version)
    against = objection(version, comparison, expected)
    if against and not override.strip():
        raise GateRefused(against)
    why = (override if against else reason or override).strip() or _usual(expected)
    with transaction.atomic():
        move_alias(
            "champion",
            version,
            expected=expected,
            by=by,
            reason=why,
            comparison=comparison,
            is_override=bool(against),
        )
        if expected:
            keep(expected, by=by, reason=f"{version} took its place")
        if against:
            record(
                "gate.overridden",
                about=str(version),
                who=by,
                comparison=comparison.pk if comparison else None,
                against=against,
                reason=why,
            )


def keep(version: Version, *, by: User | None, reason: str) -> None:
    """Remember where a roll-back leads; in the transaction that moves the champion."""
    before = standing(version.model, "rollback")
    if before != version:
        move_alias("rollback", version, expected=before, by=by, reason=reason)


def _usual(expected: Version | None) -> str:
    return "The gate let it pass." if expected else "The first in production."
