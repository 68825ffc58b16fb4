"""What is due each minute, and the part of it that is due more often."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections
from django.utils import timezone

from monitor import jobs
from monitor.alerts.watch import watch as watch_alerts
from monitor.checks.jobs import judge
from monitor.checks.look import look
from monitor.crontab import host
from monitor.figures.gather import gather
from monitor.figures.thin import thin
from monitor.leases import hold
from monitor.pump import pump
from monitor.starts.watch import watch
from monitor.switching.notice import notice, wake
from monitor.telling import last_resort
from monitor.telling.deliver import deliver
from monitor.trim import trim

logger = logging.getLogger(__name__)

# In this order: what has been looked at is judged, and what was judged is told.
PARTS: dict[str, Callable[[datetime], object]] = {
    "notice": notice,
    "wake": wake,
    "beat": lambda _: beat(),
    "gather": gather,
    "look": lambda at: look(at=at),
    "judge": judge,
    "alerts": watch_alerts,
    "deliver": deliver,
    "thin": thin,
    "trim": trim,
}


def tick() -> None:
    """Run once a minute, by the one line that CRONJOBS puts into the crontab."""
    # Without a database nothing below can be done, or be told.
    last_resort.look()
    if settings.PULSAR.scheduler.mode == "host":
        host.keep_time(timezone.now())
    with watch("tick"):
        if failed := [error for error in map(_failed, PARTS) if error]:
            raise failed[0]


def _failed(part: str) -> Exception | None:
    """Run one part; whatever becomes of it, the others have their turn."""
    # A connection that broke in the one before is not the next one's trouble.
    close_old_connections()
    try:
        PARTS[part](timezone.now())
    # The door of one part: what failed is told by the check of the tick.
    except Exception as error:
        logger.exception("A part of the tick failed: %s", part)
        return error
    return None


def beat() -> None:
    """Send events on their way and let every declared sweep look for lost work."""
    # A loop has no requests: nobody else drops a connection the server has cut.
    close_old_connections()
    pump()
    for slug, job in jobs.declared.items():
        if job.sweep:
            _sweep(slug, job.argv)
    close_old_connections()


def _sweep(slug: str, argv: Sequence[str]) -> None:
    """Run one sweep; whatever becomes of it, the others have their turn."""
    # The tick is a process of its own beside the clock, and may sweep just now.
    with hold(f"sweep {slug}", settings.PULSAR.scheduler.lease_seconds) as held:
        if not held:
            return
        try:
            with watch(slug):
                call_command(*argv)
        # The door of one sweep, which `watch` has noted: it has a check of its own.
        except (Exception, SystemExit):
            logger.exception("The sweep %s failed", slug)
