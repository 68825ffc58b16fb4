"""Remove the logs of runs that the site keeps no longer, and what nobody needs."""

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from dispatch.positions import keep as positions
from dispatch.runs.prune import prune
from monitor.starts.watch import watch


class Command(BaseCommand):
    help = "Remove the logs of runs that retention in config.yaml gives up."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        with watch("prune_runs") as seen:
            if seen.is_left_out():
                self.stdout.write(seen.detail)
                return
            freed = prune(timezone.now())
            positions.sweep(timezone.now())
        size = filesizeformat(sum(freed)).replace("\xa0", " ")
        self.stdout.write(f"logs of runs removed: {len(freed)}, {size}")
