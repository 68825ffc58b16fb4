"""Look at every trigger, and bring what they have started a step further."""

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from registry.models import Decision
from registry.triggers.advance import advance_all
from registry.triggers.evaluate import evaluate_all


class Command(BaseCommand):
    help = "Look at the triggers of retrainings; freeze, train and compare for those."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        for decision in evaluate_all(now()):
            if decision.outcome == Decision.Outcome.FIRED:
                self.stdout.write(f"{decision.trigger} fired: {decision.reason}")
        advance_all()
