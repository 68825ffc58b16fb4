"""A clock that has died tells nobody: each web process looks whether it lives."""

import logging
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connections
from django.utils import timezone

from monitor.alerts.watch import watch as watch_alerts
from monitor.checks.store import store
from monitor.clock import turn
from monitor.leases import hold
from monitor.models import Check, Ping
from monitor.probes import clock
from monitor.telling import last_resort
from monitor.telling.deliver import deliver

logger = logging.getLogger(__name__)

EVERY = 30.0  # seconds
# Longer than the next clock takes to follow one that was killed.
SILENT = timedelta(minutes=3)
# Sending takes ten seconds at most.
LEASE_SECONDS = 60.0
_SIGNS = ("started_at", "succeeded_at", "failed_at")


class Awake:
    """Since when this process has looked without a gap."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Whatever was silent before now may have slept as well."""
        self._since = self._last = time.monotonic()
        self._wall = time.time()

    def seconds(self, every: float) -> float:
        """How long by now; a machine that slept or set its clock begins anew."""
        steady, wall = time.monotonic(), time.time()
        # While a machine sleeps, one of the two stands still.
        gap, step = steady - self._last, (wall - self._wall) - (steady - self._last)
        self._last, self._wall = steady, wall
        if max(gap, abs(step)) > 3 * every:
            self._since = steady
        return steady - self._since


def start() -> None:
    """Begin to look, in a thread that ends with its process."""
    stop = threading.Event()
    threading.Thread(target=run, args=[stop], name="watchman", daemon=True).start()


def run(
    stop: threading.Event, every: float = EVERY, silent: timedelta = SILENT
) -> None:
    """Look again and again until told to stop; nothing ends it but that."""
    awake = Awake()
    while not stop.wait(every):
        is_new = awake.seconds(every) < silent.total_seconds()
        try:
            last_resort.look()
            # Who has just come knows nothing of the silence before.
            if not is_new:
                look(timezone.now(), silent)
        # The door of the thread: the next look may be the one that matters.
        except Exception:
            # Without its database no clock could give a sign either.
            awake.restart()
            logger.exception("The watchman could not look")
        finally:
            # It belongs to no request, at whose end a connection would be closed.
            connections.close_all()


def look(at: datetime, silent: timedelta = SILENT) -> bool:
    """Have it told that the clock is dead, if it is; whether this was done."""
    if not is_silent(at, silent):
        return False
    with hold("watchman", LEASE_SECONDS) as held:
        if not held:
            return False
        probe, reading = clock.probe(), clock.look(at)
        if reading.state != Check.State.DOWN:
            words = "Neither the clock nor its tick gives a sign of life."
            down, since = Check.State.DOWN, max(_signs(until=at), default=None)
            reading = replace(reading, state=down, summary=words, since=since)
        store(probe.slug, probe.kind, probe.name, reading, probe.depends, at)
        watch_alerts(at)
        deliver(at)
    return True


def is_silent(at: datetime, silent: timedelta) -> bool:
    """Whether neither clock nor tick has given a sign for so long."""
    # One that lies ahead was given before the time was put back.
    return not any(abs(at - sign) <= silent for sign in _signs())


def _signs(until: datetime | None = None) -> list[datetime]:
    """The signs of life of both, or those up to a time."""
    pings = Ping.objects.filter(slug__in=(turn.SLUG, "tick")).values_list(*_SIGNS)
    signs = [sign for ping in pings for sign in ping if sign]
    return [sign for sign in signs if until is None or sign <= until]
