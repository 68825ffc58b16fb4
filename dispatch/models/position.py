"""How far a schedule has read a table."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from dispatch.models.run import Run
from dispatch.models.schedule import Schedule


class Position(models.Model):
    """Where the next run of a schedule goes on in what it reads."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="positions")
    # Of what is read in which order: a schedule that reads another table starts anew,
    # and goes on where it was when it comes back to this one.
    source_sha256 = models.CharField(max_length=64)
    # As the child that reads understands it; empty where it is to read from the start.
    at = models.JSONField(default=dict)
    # The rows up to here that the next run may meet again; a name in `positions/`.
    seen = models.CharField(max_length=100, blank=True)
    # What stood here before somebody moved it, to be set again: `at`, `seen`, `run`.
    before = models.JSONField(default=dict)
    # What has read up to here; nothing where a person has set it.
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    moved_at = models.DateTimeField()
    # Grows with each move: of two who move it at once, one is told.
    moves = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "source_sha256"], name="position_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, goes on {self.goes_on}"

    @property
    def shown(self) -> str:
        """Up to where it was read, for people; empty where somebody has set it."""
        return str(self.at.get("shown", ""))

    @property
    def goes_on(self) -> str:
        """Where the next run begins to read: from here, or after the last row."""
        return goes_on(self.at)

    @property
    def went_on(self) -> str:
        """The same, as it was before somebody moved it."""
        return goes_on(self.before.get("at", {}))


def goes_on(at: Mapping[str, Any]) -> str:
    """Where reading goes on by what the child knows, in words."""
    if "from" in at:
        return f"from {at['from']}"
    return f"after {at['shown']}" if at.get("shown") else "from the first row"
