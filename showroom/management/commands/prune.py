"""Remove what the site keeps no longer."""

from collections.abc import Sequence
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat

from monitor.starts.watch import watch
from showroom.storage.prune import LEASE_SECONDS, Freed, prune

_OTHER = (
    "another prune is under way, or was killed less than "
    f"{LEASE_SECONDS // 60} minutes ago"
)


class Command(BaseCommand):
    help = "Remove what retention in config.yaml gives up, and what nobody needs."
    # Started by the clock, so often: they would load every page.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what would be removed."
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        if dry_run:
            self._say(prune(dry_run=True), "would go")
            return
        with watch("prune") as seen:
            if seen.is_left_out():
                self.stdout.write(seen.detail)
                return
            freed = prune()
            # Those of log-ins that have ended.
            call_command("clearsessions")
            if not freed:
                seen.refuse(_OTHER)
        self._say(freed, "removed")

    def _say(self, freed: Sequence[Freed], what: str) -> None:
        if not freed:
            self.stdout.write(_OTHER)
            return
        self._line("", what, "bytes")
        for kind, n, size in freed:
            self._line(kind, str(n), filesizeformat(size).replace("\xa0", " "))

    def _line(self, kind: str, n: str, size: str) -> None:
        self.stdout.write(f"{kind:15} {n:>10} {size:>12}")
