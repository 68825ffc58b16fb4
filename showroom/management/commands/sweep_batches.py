"""Bring back the batches and downloads whose worker died or whose message was lost."""

from django.core.management.base import BaseCommand

from monitor.sweep import sweep
from showroom.models import Batch, Download


class Command(BaseCommand):
    help = "Send work again whose worker died or whose message was lost."

    def handle(self, **options: object) -> None:
        for work in (*sweep(Batch), *sweep(Download)):
            self.stdout.write(f"sent {work} again")
