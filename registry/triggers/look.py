"""What one look at a trigger finds."""

from datetime import datetime
from typing import Any, NamedTuple

from monitor.clock.cron import clock_zone
from registry.models import Decision

Outcome = Decision.Outcome


class Look(NamedTuple):
    """Whether it fires, in words, with the figures that it was judged by."""

    outcome: Decision.Outcome
    reason: str
    figures: dict[str, Any]
    # Of the clock: the moment that it is for.
    moment: datetime | None = None


def fires(reason: str, moment: datetime | None = None, **figures: Any) -> Look:
    """There is a reason to retrain."""
    return Look(Outcome.FIRED, reason, figures, moment)


def waits(reason: str, **figures: Any) -> Look:
    """There is none yet."""
    return Look(Outcome.NOT_DUE, reason, figures)


def cannot(reason: str, **figures: Any) -> Look:
    """Nobody can tell, or nothing could be trained."""
    return Look(Outcome.CANNOT, reason, figures)


def told(at: datetime) -> str:
    """A moment as the clock shows it, for a reason that is kept as text."""
    return f"{at.astimezone(clock_zone()):%Y-%m-%d %H:%M %Z}"
