"""Bring back the work whose worker died or whose message was lost."""

from django.core.management.base import BaseCommand

from monitor.sweep import sweep
from showroom.models import Batch, Download
from showroom.verdicts.settle import A_TICK, settle


class Command(BaseCommand):
    help = "Send lost work again, and make the labels that verdicts still lack."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        for work in (*sweep(Batch), *sweep(Download)):
            self.stdout.write(f"sent {work} again")
        if n := settle(A_TICK):
            self.stdout.write(f"made labels of {n} verdicts")
