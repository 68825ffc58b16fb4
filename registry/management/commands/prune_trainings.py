"""Remove the files of trainings that the site keeps no longer."""

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from monitor.starts.watch import watch
from registry.training.prune import prune


class Command(BaseCommand):
    help = "Remove the files of trainings that retention in config.yaml gives up."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        with watch("prune_trainings") as seen:
            if seen.is_left_out():
                self.stdout.write(seen.detail)
                return
            freed = prune(timezone.now())
        size = filesizeformat(sum(freed)).replace("\xa0", " ")
        self.stdout.write(f"trainings tidied: {len(freed)}, {size}")
