"""What a probe is and what it answers; other apps declare theirs here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from monitor.models import Check


@dataclass(frozen=True)
class Reading:
    """How something was found."""

    state: Check.State
    # For people, at most 300 characters.
    summary: str
    # Steps, verdicts, numbers: what its page shows.
    detail: dict[str, Any] = field(default_factory=dict)
    # Seconds.
    took: float = 0.0
    # Samples to keep, by name.
    figures: dict[str, float] = field(default_factory=dict)
    # It has been so longer than since this look: since the last sign of life.
    since: datetime | None = None


class Probe(NamedTuple):
    """One thing to look at, and how."""

    slug: str
    kind: Check.Kind
    name: str
    # Runs in a process of its own, which is killed at the deadline.
    look: Callable[[], Reading]
    # Slugs of checks whose failure explains its own.
    depends: tuple[str, ...] = ()


declared: dict[str, Probe] = {}


def declare(probe: Probe) -> None:
    """Say in an AppConfig.ready() what else should be looked at."""
    declared[probe.slug] = probe
