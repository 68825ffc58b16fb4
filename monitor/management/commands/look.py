"""`manage.py look`: look at everything now, or at some of it."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from monitor.checks.look import Found, NotKept, Unknown, judged, look
from monitor.models import Check


class Command(BaseCommand):
    help = (
        "Looks at all that is watched, keeps it and prints it; 1 if anything is down."
    )
    # It looks at what they would complain about, and while it fails.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help="What to look at; else everything.")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="One object a line."
        )

    def handle(self, *, slug: list[str], as_json: bool, **options: Any) -> None:
        say = self._as_json if as_json else self._as_text
        try:
            found = look(slug) if slug else [*look(), *judged()]
        except Unknown as error:
            raise CommandError(str(error)) from error
        except NotKept as error:
            say(error.found)
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        say(found)
        if any(one.reading.state == Check.State.DOWN for one in found):
            sys.exit(1)

    def _as_text(self, found: Iterable[Found]) -> None:
        for subject, reading in found:
            took = f"{reading.took:.3f} s"
            start = f"{subject.slug:<24} {reading.state:<8} {took:>8}"
            self.stdout.write(f"{start}  {reading.summary}".rstrip())

    def _as_json(self, found: Iterable[Found]) -> None:
        for subject, reading in found:
            told = {
                "slug": subject.slug,
                "state": str(reading.state),
                "summary": reading.summary,
                "took": reading.took,
                "detail": reading.detail,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
