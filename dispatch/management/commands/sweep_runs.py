"""Bring back the runs whose worker died or whose message was lost."""

from django.core.management.base import BaseCommand

from dispatch.models import Run
from dispatch.runs.end import follow_up
from monitor.sweep import sweep


class Command(BaseCommand):
    help = "Send runs again whose worker died, that wait for a place or a retry."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        for run in sweep(Run):
            self.stdout.write(f"sent {run} again")
        follow_up()
