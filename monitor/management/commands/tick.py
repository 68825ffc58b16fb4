"""`manage.py tick`: what the clock does each minute, once and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitor.clock.turn import OtherClock
from monitor.crontab.errors import CrontabError
from monitor.telling.last_resort import Away
from monitor.tick import tick


class Command(BaseCommand):
    help = "Runs what is due each minute once."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        try:
            tick()
        except (Away, CrontabError, OtherClock) as error:
            raise CommandError(str(error)) from error
