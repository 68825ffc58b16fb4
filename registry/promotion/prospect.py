"""What stands before a promotion: who is there, what the gate said, what changes."""

from datetime import datetime
from typing import NamedTuple

from monitor.work import State
from registry.gate.latest import latest
from registry.models import Comparison, Version
from registry.promotion.history import champion_at
from registry.promotion.objection import objection
from registry.promotion.standing import standing


class Prospect(NamedTuple):
    """A version before the place that it may take."""

    version: Version
    champion: Version | None
    since: datetime | None
    rollback: Version | None
    # The gate's word that holds now; the attempt that is under way, or failed.
    comparison: Comparison | None
    attempt: Comparison | None
    # Why the gate does not let it pass; empty where it does.
    against: str

    @property
    def is_champion(self) -> bool:
        return self.version == self.champion

    @property
    def may_be_overridden(self) -> bool:
        """Once the gate has spoken, or could not."""
        has_failed = self.attempt is not None and not self.attempt.is_under_way
        return bool(self.against) and (self.comparison is not None or has_failed)


def prospect(version: Version, now: datetime) -> Prospect:
    """Look at all of it as it is now."""
    model = version.model
    champion = standing(model, "champion")
    move = champion_at(model, now) if champion else None
    known = attempt = None
    if champion and champion != version:
        known = latest(version, champion)
        attempt = None if known else _attempt(version, champion)
    return Prospect(
        version,
        champion,
        move.at if move else None,
        standing(model, "rollback"),
        known,
        attempt,
        objection(version, known, champion),
    )


def _attempt(version: Version, champion: Version) -> Comparison | None:
    """The last one that did not end well, or has not ended."""
    made = Comparison.objects.filter(candidate=version, champion=champion)
    last = made.order_by("pk").last()
    return last if last and last.state != State.SUCCESS else None
