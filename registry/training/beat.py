"""Signs of life of a training, with how far it is."""

import time
from collections.abc import Callable
from typing import Any

from monitor import beat
from registry.models import TrainingRun


class Beat(beat.Beat):
    """Called wherever a training comes by; raises what ends it from outside."""

    def __init__(self, run: TrainingRun, stopping: Callable[[], bool]) -> None:
        super().__init__(run, stopping)
        self.progress: dict[str, Any] = {}

    def until_answered(self) -> None:
        """Wait for a database that is away for a moment, while the lease is good."""
        before = self.work.lease_until
        self.now()
        while self.work.lease_until == before:
            time.sleep(self.every)
            self.now()

    def changes(self) -> dict[str, Any]:
        """The step at work, and what it has said last."""
        return {"progress": self.progress}
