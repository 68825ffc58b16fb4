"""`manage.py cron_install`: the host's cron becomes this site's clock."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from monitor.clock.turn import OtherClock
from monitor.crontab import host
from monitor.crontab.errors import CrontabError
from monitor.management.agreed import agreed


class Command(BaseCommand):
    help = "Puts this site's lines into the crontab of this user, after showing how."
    # What they would say of missing lines is what is being mended here.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Show it and change nothing."
        )

    def handle(self, *, yes: bool, dry_run: bool, **options: Any) -> None:
        at = timezone.now()
        try:
            change = host.entering(at)
            if change.is_none:
                self.stdout.write("The crontab holds this site's lines as it should.")
            elif agreed(self.stdout, change, yes=yes, dry_run=dry_run):
                backup = host.enter(change, at)
                self.stdout.write(f"Done. The crontab as it was: {backup}")
                self.stdout.write(
                    "Next: (re)start the site with bin/serve; cron starts the first "
                    "tick within a minute. manage.py cron_remove undoes this."
                )
        except (CrontabError, OtherClock) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): start the site once, with "
                f"bin/serve."
            ) from error
        if not host.daemon_runs():
            self.stderr.write(
                "No cron daemon is to be seen on this machine: until one runs, nothing "
                "is started."
            )
