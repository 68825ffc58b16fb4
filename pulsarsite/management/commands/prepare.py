"""`manage.py prepare`: what bin/setup and bin/serve do to a site before it is used."""

import sqlite3
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from accounts import roles
from monitor import jobs
from monitor.alerts import shipped
from monitor.crontab import lines
from monitor.crontab.errors import CrontabError
from pulsarsite import prepare
from pulsarsite.config import BadConfig
from registry.ship import register_shipped


class Command(BaseCommand):
    help = "Migrate the databases, make roles, jobs and shipped models known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--admin", action="store_true", help="Create the first admin if need be."
        )

    def handle(self, *, admin: bool, **options: Any) -> None:
        root: Path = settings.PULSAR.storage.root
        try:
            with prepare.alone(root):
                self._default(root)
                self._events(root)
                if admin:
                    self._admin()
        except (DatabaseError, sqlite3.Error, OSError, BadConfig) as error:
            raise CommandError(f"The site cannot be prepared: {error}") from error

    def _default(self, root: Path) -> None:
        self._tell(prepare.migrate("default", root, timezone.now()))
        roles.sync()
        jobs.sync()
        shipped.sync()
        self._lines()
        register_shipped()

    def _lines(self) -> None:
        """Enter what a new version brought; the own clock does so when it begins."""
        if settings.PULSAR.scheduler.mode != "host":
            return
        try:
            lines.sync()
        except CrontabError as error:
            self.stdout.write(f"crontab: {error}")

    def _events(self, root: Path) -> None:
        try:
            self._tell(prepare.migrate("events", root, timezone.now()))
        except OperationalError as error:
            self.stdout.write(
                f"events: cannot be reached now ({error}). The site works without: "
                "events are kept, and arrive when bin/setup has made its tables."
            )

    def _admin(self) -> None:
        if password := prepare.first_admin():
            self.stdout.write(
                f"\nLog in as {prepare.ADMIN} with the password {password}\n"
                "(shown this once; change it after the log-in)\n"
            )

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)
            self.stdout.flush()
