"""`manage.py backup DIR`: all that the site keeps, while it runs."""

import json
import sqlite3
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from pulsarsite import describe
from pulsarsite.backup.errors import BackupError
from pulsarsite.backup.make import make
from pulsarsite.backup.manifest import Manifest
from pulsarsite.backup.progress import words


class Command(BaseCommand):
    help = "Copy all that the site keeps to a new folder, while it runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="is made")
        parser.add_argument(
            "--json", action="store_true", help="Say at the end what was done, as JSON."
        )

    def handle(self, *, folder: Path, json: bool, **options: Any) -> None:
        began = time.monotonic()
        try:
            made = make(folder, self._progress if json else self.stdout.write)
        except (BackupError, DatabaseError, sqlite3.Error, OSError) as error:
            raise CommandError(f"No back-up was made: {error}") from error
        self._say(folder, made, time.monotonic() - began, as_json=json)
        if made.missing:
            raise CommandError(
                f"The back-up is made, and the site has not all that it should: "
                f"{len(made.missing)} files that rows refer to are missing or damaged, "
                f"such as {made.missing[0]}. {folder / 'manifest.json'} names them."
            )

    def _progress(self, line: str) -> None:
        self.stderr.write(line, self.style.SUCCESS)

    def _say(
        self, folder: Path, made: Manifest, seconds: float, *, as_json: bool
    ) -> None:
        if as_json:
            told = {
                "folder": str(folder.absolute()),
                "made_at": made.made_at.isoformat(),
                "files": len(made.files),
                "bytes": made.size,
                "seconds": round(seconds, 1),
                "missing": made.missing,
                "keep_apart": _apart(),
            }
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(
            f"{folder}: {len(made.files)} files, {words(made.size)}, in "
            f"{seconds:.0f} s.\nNot in it, to be kept apart:"
        )
        for secret in _apart():
            self.stdout.write(f"  {secret}")


def _apart() -> list[str]:
    """The secrets of the site, by where they are: none is in a back-up."""
    wanted = settings.PULSAR
    key = wanted.storage.root / "secret_key"
    found = [f"{key} (without it everybody logs in again)"]
    if wanted.scheduler.secrets_file:
        found.append(
            f"{wanted.scheduler.secrets_file} (passwords for what cron starts)"
        )
    names = {name for _, name in describe.secrets(wanted)}
    names |= {wanted.monitor.metrics_token} - {""}
    return found + [f"{name} in the environment" for name in sorted(names)]
