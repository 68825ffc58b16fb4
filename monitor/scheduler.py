"""The embedded clock: starts what the crontab says, and sweeps between the minutes."""

import logging
import threading
import time
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from monitor.clock import turn
from monitor.clock.children import Children
from monitor.clock.due import Clock, enabled, zone
from monitor.crontab import host, lines, place
from monitor.events import record
from monitor.tick import beat

logger = logging.getLogger(__name__)

SIGN_SECONDS = 10


def run(stop: threading.Event) -> None:
    """Keep time until told to stop."""
    holder = turn.Holder.me()
    host.refuse_if_entered()
    served = turn.take(holder, timezone.now())
    lines.enter()
    record("clock.started", about=f"clock {holder.mode}", host=holder.host)
    clock = Clock(zone(settings.PULSAR.scheduler.zone), served)
    # A thread of its own: a long sweep must not make the minute late.
    beats = threading.Thread(target=_beats, args=[stop], daemon=True)
    beats.start()
    children = Children()
    try:
        _keep_time(stop, holder, clock, children)
    finally:
        stop.set()
        children.stop()
        beats.join(timeout=2)
        turn.leave(holder)


def _keep_time(
    stop: threading.Event, holder: turn.Holder, clock: Clock, children: Children
) -> None:
    signed = -float(SIGN_SECONDS)
    while not stop.wait(_until_next_look(timezone.now())):
        at = timezone.now()
        children.reap()
        due = clock.due(at, enabled(place.text() or ""))
        if due or time.monotonic() - signed >= SIGN_SECONDS:
            # Written down before anything starts: killed in between, a clock lets a
            # minute pass rather than serve it twice.
            if not _sign(holder, at, clock.served):
                logger.error("Another clock has taken over; this one stops.")
                return
            signed = time.monotonic()
        for line in due:
            children.start(line)


def _until_next_look(at: datetime) -> float:
    """A second, or less when the minute is nearly over."""
    return min(1.0, 60.01 - at.second - at.microsecond / 1e6)


def _sign(holder: turn.Holder, at: datetime, served: datetime) -> bool:
    try:
        close_old_connections()
        return turn.sign(holder, at, served)
    except DatabaseError as error:
        # Jobs that need no database still have their time.
        logger.warning("The clock could not give its sign of life: %s", error)
        return True


def _beats(stop: threading.Event) -> None:
    while not stop.wait(settings.PULSAR.scheduler.resend_seconds):
        try:
            beat()
        except DatabaseError:
            logger.exception("The sweeps could not run")
