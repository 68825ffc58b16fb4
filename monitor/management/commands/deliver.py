"""Send what is due to those who are to be told."""

from typing import Any

from django.core.management.base import BaseCommand

from monitor.telling.deliver import deliver


class Command(BaseCommand):
    help = "Sends the messages that are due: alerts, recoveries, digests, tests."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        n = deliver()
        self.stdout.write(f"{n} message{'s' * (n != 1)} arrived.")
