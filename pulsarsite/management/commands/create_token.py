"""`manage.py create_token USER`: a key for a program, told once."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pulsarsite.management.commands.person_export import person
from pulsarsite.tokens import create

_LONGEST = 3650


class Command(BaseCommand):
    help = "Make a token for a program of this person, and print its key, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="name, or number")
        parser.add_argument(
            "--read-only", action="store_true", help="it opens nothing that changes"
        )
        parser.add_argument(
            "--expires", type=int, metavar="DAYS", help="it ends after so many days"
        )
        parser.add_argument("--name", default="", help="what it is for")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, user: str, **options: Any) -> None:
        days = options["expires"]
        if days is not None and not 1 <= days <= _LONGEST:
            raise CommandError(f"--expires takes 1 to {_LONGEST} days.")
        found = person(user)
        if not found.is_active:
            raise CommandError(f"{found} may not log in, so no token of theirs opens.")
        name = options["name"] or "made at the command line"
        made = create(
            found,
            name=name[:100],
            read_only=options["read_only"],
            days=days,
            by=None,
        )
        if options["json"]:
            ends = made.token.expires_at
            told = {"id": made.token.pk, "key": made.key, "expires_at": ends}
            self.stdout.write(json.dumps(told, default=str))
        else:
            self.stdout.write(made.key)
