"""Signs of life of a run, its counts, and its time-out."""

from collections.abc import Callable
from typing import Any

from django.utils.timezone import now

from dispatch.errors import TimedOut
from dispatch.models import Run
from monitor import beat
from showroom.models import Batch

_COUNTS = ("n_rows", "n_scored", "n_pulsars", "n_rejected")


def counts(run: Run) -> dict[str, Any]:
    """How far its batch is, for the run's own row."""
    return Batch.objects.filter(dispatch_run=run.pk).values(*_COUNTS).first() or {}


class Beat(beat.Beat):
    """Called wherever a run comes by; raises what ends it from outside."""

    def __init__(self, run: Run, stopping: Callable[[], bool]) -> None:
        super().__init__(run, stopping)
        self.run = run

    def changes(self) -> dict[str, Any]:
        """The counts, while there is time."""
        self._look_at_the_clock()
        return counts(self.run)

    def _look_at_the_clock(self) -> None:
        deadline = self.run.deadline
        if deadline and now() > deadline:
            seconds = self.run.schedule.timeout_seconds
            raise TimedOut(f"It took longer than its time-out of {seconds} s.")
