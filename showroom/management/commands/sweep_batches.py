"""Bring back the batches whose worker died or whose message was lost."""

from django.core.management.base import BaseCommand

from showroom.sweep import sweep


class Command(BaseCommand):
    help = "Send batches again whose worker died or whose message was lost."

    def handle(self, **options: object) -> None:
        for batch in sweep():
            self.stdout.write(f"sent {batch} again")
