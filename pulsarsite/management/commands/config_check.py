"""`manage.py config_check`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from pulsarsite import describe


class Command(BaseCommand):
    help = "Print every value of the configuration and where it comes from."
    # A mistake in the file has stopped manage.py before it came this far.
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        rows = list(describe.effective(settings.PULSAR))
        width = max(len(row.key) for row in rows)
        self.stdout.write(f"# {settings.CONFIG_FILE}")
        for row in rows:
            self.stdout.write(f"{row.key:<{width}}  {row.value}  ({row.origin})")
