"""`manage.py restore DIR`: a site that was backed up, in this one's place."""

import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from pulsarsite.backup.bring_back import bring_back
from pulsarsite.backup.errors import BackupError
from pulsarsite.backup.mark import Mark
from pulsarsite.backup.progress import words


class Command(BaseCommand):
    help = "Put a back-up into the place of an empty site that does not run."
    # The check that stops all else while a restore is not done must not stop this.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="by backup")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Move aside what is there, to a folder in storage.root.",
        )

    def handle(self, *, folder: Path, replace: bool, **options: Any) -> None:
        root: Path = settings.PULSAR.storage.root
        try:
            made = bring_back(folder, self.stdout.write, replace=replace)
        except (BackupError, DatabaseError, sqlite3.Error, OSError) as error:
            why = str(error).rstrip(".")
            raise CommandError(f"{why}.{_state(root)}") from error
        self.stdout.write(
            f"The site is as it was at {made.made_at:%Y-%m-%d %H:%M:%S} UTC: "
            f"{len(made.files)} files, {words(made.size)}.\n"
            f"No secret was in it. Put the old key to {root / 'secret_key'}, or "
            "everybody logs in again; passwords come from where config.yaml says.\n"
            f"{folder / 'config.yaml'} is what was configured then.\n"
            "Start it: bin/serve"
        )


def _state(root: Path) -> str:
    """What is so now that it did not end."""
    if Mark.find(root) is None:
        return " Nothing was changed."
    return " The site is not whole: run the same command again."
