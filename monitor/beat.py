"""Signs of life of work, and the word to stop."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.utils.timezone import now

from monitor import claims
from monitor.work import Interrupted, Work


class Beat:
    """Called wherever work comes by; raises what ends it from outside."""

    def __init__(self, work: Work, stopping: Callable[[], bool]) -> None:
        self.work = work
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
            claims.keep(self.work, **self.changes())
        except OperationalError:
            # A database that is locked or away for a moment costs a beat, not the work.
            close_old_connections()  # only if it is broken, and no transaction is open
            if self.work.lease_until is None or now() >= self.work.lease_until:
                raise

    def changes(self) -> dict[str, Any]:
        """How far it is, to be saved with the sign."""
        return {}
