"""Signs of life of a run, and the word to stop."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.utils.timezone import now

from dispatch.errors import Interrupted, TimedOut
from dispatch.models import Run
from monitor import claims
from showroom.models import Batch

_COUNTS = ("n_rows", "n_scored", "n_pulsars", "n_rejected")


def counts(run: Run) -> dict[str, Any]:
    """How far its batch is, for the run's own row."""
    return Batch.objects.filter(dispatch_run=run.pk).values(*_COUNTS).first() or {}


class Beat:
    """Called wherever a run comes by; raises what ends it from outside."""

    def __init__(self, run: Run, stopping: Callable[[], bool]) -> None:
        self.run = run
        self.stopping = stopping
        self.every = min(1.0, settings.PULSAR.scheduler.lease_seconds / 3)
        self.last = time.monotonic()

    def __call__(self) -> None:
        """Give a sign of life if the last is a second ago."""
        if self.stopping():
            raise Interrupted("Its process was asked to end.")
        if time.monotonic() - self.last >= self.every:
            self.now()

    def now(self) -> None:
        """Give a sign of life."""
        self.last = time.monotonic()
        try:
            self._look_at_the_clock()
            claims.keep(self.run, **counts(self.run))
        except OperationalError:
            # A database that is locked or away for a moment costs a beat, not the run.
            close_old_connections()  # only if it is broken, and no transaction is open
            if self.run.lease_until is None or now() >= self.run.lease_until:
                raise

    def _look_at_the_clock(self) -> None:
        deadline = self.run.deadline
        if deadline and now() > deadline:
            seconds = self.run.schedule.timeout_seconds
            raise TimedOut(f"It took longer than its time-out of {seconds} s.")
