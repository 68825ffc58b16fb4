"""What is due each minute, and the part of it that is due more often."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections
from django.utils import timezone

from monitor import jobs, samples
from monitor.crontab import host
from monitor.leases import hold
from monitor.models import Outbox
from monitor.notice import notice, wake
from monitor.pump import pump

logger = logging.getLogger(__name__)


def tick() -> None:
    """Run once a minute, by the one line that CRONJOBS puts into the crontab."""
    if settings.PULSAR.scheduler.mode == "host":
        host.keep_time(timezone.now())
    with jobs.watch("tick"):
        at = timezone.now()
        notice(at)
        wake(at)
        beat()
        samples.put("outbox.waiting", Outbox.objects.count(), at=at)
        samples.trim(at)


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
            with jobs.watch(slug):
                call_command(*argv)
        except (Exception, SystemExit):
            logger.exception("The sweep %s failed", slug)
