"""Turn the hour's single cases into scores."""

from django.core.management.base import BaseCommand

from showroom.seal import seal


class Command(BaseCommand):
    help = "Move the single cases from the database into the scores of their day."

    def handle(self, **options: object) -> None:
        self.stdout.write(f"sealed {seal()} cases")
