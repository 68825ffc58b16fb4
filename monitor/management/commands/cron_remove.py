"""`manage.py cron_remove`: the host's cron is this site's clock no more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from monitor.crontab import host
from monitor.crontab.errors import CrontabError
from monitor.management.agreed import agreed


class Command(BaseCommand):
    help = "Takes this site's lines out of the crontab of this user, after showing how."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Show it and change nothing."
        )

    def handle(self, *, yes: bool, dry_run: bool, **options: Any) -> None:
        try:
            change = host.leaving()
            if change.is_none:
                self.stdout.write("The crontab holds no lines of this site.")
            elif agreed(self.stdout, change, yes=yes, dry_run=dry_run):
                backup = host.leave(change, timezone.now())
                self.stdout.write(f"Done. The crontab as it was: {backup}")
                self.stdout.write(
                    "Next: nothing keeps time until scheduler.mode is embedded and the "
                    "site is started again, or until manage.py cron_install."
                )
        except CrontabError as error:
            raise CommandError(str(error)) from error
