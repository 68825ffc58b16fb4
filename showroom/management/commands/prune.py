"""Remove what the site keeps no longer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat

from showroom.storage.prune import LEASE_SECONDS, prune


class Command(BaseCommand):
    help = "Remove what retention in config.yaml gives up, and what nobody needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what would be removed."
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        freed = prune(dry_run=dry_run)
        if not freed:
            minutes = LEASE_SECONDS // 60
            self.stdout.write(
                "another prune is under way, or was killed less than "
                f"{minutes} minutes ago"
            )
            return
        self._line("", "would go" if dry_run else "removed", "bytes")
        for kind, n, size in freed:
            self._line(kind, str(n), filesizeformat(size).replace("\xa0", " "))

    def _line(self, kind: str, n: str, size: str) -> None:
        self.stdout.write(f"{kind:15} {n:>10} {size:>12}")
