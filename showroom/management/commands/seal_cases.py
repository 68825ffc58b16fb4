"""Turn the hour's single cases into scores."""

from django.core.management.base import BaseCommand

from monitor.starts.watch import watch
from showroom.seal import seal


class Command(BaseCommand):
    help = "Move the single cases from the database into the scores of their day."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        with watch("seal_cases") as seen:
            if seen.is_left_out():
                self.stdout.write(seen.detail)
                return
            self.stdout.write(f"sealed {seal()} cases")
