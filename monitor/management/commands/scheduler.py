"""`manage.py scheduler`: the embedded clock, in the foreground."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from monitor import scheduler
from monitor.clock.turn import OtherClock
from monitor.crontab.errors import CrontabError


class Command(BaseCommand):
    help = "Keeps time: starts the lines of storage.root/crontab until stopped."

    def handle(self, **options: Any) -> None:
        if settings.PULSAR.scheduler.mode != "embedded":
            raise CommandError("scheduler.mode says that the host's cron keeps time.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            scheduler.run(stop)
        except (OtherClock, CrontabError) as error:
            raise CommandError(str(error)) from error
