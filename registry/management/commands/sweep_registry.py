"""Bring back the work whose worker died or whose message was lost."""

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from monitor.sweep import sweep
from registry.datasets import leftovers
from registry.dvc import due
from registry.labels import land
from registry.models import Build, Comparison, Export, Push, TrainingRun
from registry.training.end import mend


class Command(BaseCommand):
    help = "Send builds, trainings and the like again whose worker died or that wait."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        at = now()
        for kind in (Build, TrainingRun, Comparison, Push, Export):
            for work in sweep(kind, at):
                self.stdout.write(f"sent {work} again")
        if due.send(at):
            self.stdout.write("sent exports to the DVC repository again")
        mend()
        land.settle_all()
        land.clear_ended()
        leftovers.remove(at)
