"""`manage.py registry_promote VERSION`: into production, through the gate."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry import serving
from registry.errors import RegistryError
from registry.gate.ask import ask
from registry.gate.latest import latest
from registry.models import Comparison, Version
from registry.promotion.promote import promote
from registry.promotion.standing import standing

LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = "Put a version into production: exit 0 when it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("version", help="such as pulsar/2 or pulsar@challenger")
        add("--reason", default="", help="for the history")
        add("--override", default="", metavar="TEXT", help="go past the gate: why")
        add("--wait", action="store_true", help="until the gate has judged it")

    def handle(self, **options: Any) -> None:
        try:
            version = serving.find(options["version"])
            champion = standing(version.model, "champion")
            promote(
                version,
                by=None,
                comparison=self._judged(version, champion, options),
                expected=champion,
                override=options["override"],
                reason=options["reason"],
            )
        except RegistryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{version} is in production")

    def _judged(
        self, version: Version, champion: Version | None, options: dict[str, Any]
    ) -> Comparison | None:
        """What the gate found; asked for where nobody has yet."""
        if champion is None or version == champion:
            return None
        known = latest(version, champion)
        if known or options["override"].strip():
            return known
        asked = ask(version, champion)
        while options["wait"] and asked.is_under_way:
            time.sleep(LOOK_SECONDS)
            asked.refresh_from_db()
        if asked.is_under_way:
            raise CommandError(
                f"The gate was asked: {asked.get_absolute_url()}. Promote {version} "
                "when it has judged, or give --wait."
            )
        if asked.reason:
            raise CommandError(f"The gate could not judge {version}: {asked.reason}")
        return asked
