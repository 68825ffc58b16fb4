"""Keep the ledger of slots, and start those that wait; the tick does so by itself."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from dispatch.runs.waiting import start_waiting
from dispatch.slots.keep import keep


class Command(BaseCommand):
    help = "Write down which slots were due, what became of them, and start what waits."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        at = timezone.now()
        keep(at)
        start_waiting(at)
