"""Let chance pick rows to be judged, and tell what the judged ones say."""

from django.core.management.base import BaseCommand

from monitor.starts.watch import watch
from showroom.audits.draw import draw
from showroom.audits.measure import measure


class Command(BaseCommand):
    help = "Draw rows of ended batches for people to judge; measure what was judged."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        with watch("audit_sample") as seen:
            if seen.is_left_out():
                self.stdout.write(seen.detail)
                return
            n_drawn = draw()
            self.stdout.write(f"drew {n_drawn} rows, measured {measure()} versions")
