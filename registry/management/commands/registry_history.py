"""`manage.py registry_history [MODEL]`: which version an alias named, and when."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from accounts.templatetags.times import duration
from registry.errors import RegistryError
from registry.promotion import history
from registry.promotion.history import Stay
from registry.promotion.named import named
from registry.serving import DEFAULT_MODEL

_SECONDS = "%Y-%m-%dT%H:%M:%SZ"


class Command(BaseCommand):
    help = "Tell which version was in production, at a time or all along."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("model", nargs="?", default=DEFAULT_MODEL)
        add("--alias", default="champion", help="or challenger, rollback, shadow")
        add("--at", type=_moment, metavar="T", help="such as 2026-11-21T10:02:00Z")
        add("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        try:
            model = named(options["model"])
        except RegistryError as error:
            raise CommandError(str(error)) from error
        alias, at = options["alias"], options["at"]
        if at:
            found = history.stay_at(model, alias, at, now=now())
            told = _told(found) if found else None
            line = _line(found) if found else f"{model}@{alias} named nothing then"
            self.stdout.write(json.dumps(told) if options["json"] else line)
            return
        all_along = history.stays(history.history(model, alias), now=now())
        if options["json"]:
            self.stdout.write(json.dumps([_told(stay) for stay in all_along]))
            return
        for stay in all_along:
            self.stdout.write(_line(stay))


def _moment(text: str) -> datetime:
    """A time with its offset: nobody need guess which zone was meant."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ArgumentTypeError(
            f"{text!r} is no time with an offset; write 2026-11-21T10:02:00Z."
        )
    return found


def _told(stay: Stay) -> dict[str, Any]:
    move, found = stay.move, stay.move.comparison
    return {
        "model": move.model.name,
        "alias": move.alias,
        "version": str(move.after),
        "before": str(move.before) if move.before else None,
        "since": _rfc3339(move.at),
        "until": _rfc3339(stay.until) if stay.until else None,
        "seconds": round(stay.lasted.total_seconds()),
        "by": move.by.username if move.by else None,
        "reason": move.reason,
        "comparison": found.pk if found else None,
        "outcome": found.outcome if found else None,
        "override": move.is_override,
    }


def _line(stay: Stay) -> str:
    move = stay.move
    ends = (move.at, stay.until)
    since, until = (f"{at.astimezone(UTC):{_SECONDS}}" if at else "now" for at in ends)
    return "  ".join(
        [
            str(move.after),
            f"{since} to {until}",
            duration(stay.lasted),
            move.by.username if move.by else "the site",
            f"went past the gate: {move.reason}" if move.is_override else move.reason,
        ]
    )


def _rfc3339(at: datetime) -> str:
    # With its fraction: whoever asks --at this very time is given this very line.
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
