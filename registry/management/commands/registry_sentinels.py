"""List, add and take out the known pulsars that no training may use."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pulsar_ml.errors import PulsarError
from registry.models import Sentinel
from registry.sentinels.add import add
from registry.sentinels.read import read_file, why
from registry.sentinels.remove import remove


class Command(BaseCommand):
    help = "List the sentinels; or add the pulsars of a file, or take one out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--add", type=Path, metavar="FILE")
        what.add_argument("--remove", metavar="NAME", help="Or its hash.")
        parser.add_argument("--json", action="store_true", help="Answer in JSON.")

    def handle(
        self, *, add: Path | None, remove: str | None, json: bool, **options: Any
    ) -> None:
        if add:
            self._add(add)
        elif remove:
            self._remove(remove)
        present = Sentinel.objects.filter(removed_at=None).order_by("name", "pk")
        lines = [
            {"name": s.name, "hash": s.hash, "origin": s.origin, "note": s.note}
            for s in present
        ]
        self.stdout.write(_as_json(lines) if json else _as_text(lines))

    def _add(self, path: Path) -> None:
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            found = read_file(path, path.name)
        except PulsarError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        self.stderr.write(f"{path.name}: {add(found.pulsars, by=None)}.")
        for reject in found.rejects:
            self.stderr.write(f"Not taken: {why(reject)}")
        if more := found.n_rejected - len(found.rejects):
            self.stderr.write(f"Nor were {more:,} others.")

    def _remove(self, name: str) -> None:
        present = Sentinel.objects.filter(removed_at=None)
        found = list(present.filter(hash=name) or present.filter(name=name))
        if len(found) != 1:
            many = f"{len(found)} are" if found else "None is"
            raise CommandError(f"{many} called {name}: give its hash.")
        remove(found[0], by=None)


def _as_json(lines: list[dict[str, str]]) -> str:
    return json.dumps(lines)


def _as_text(lines: list[dict[str, str]]) -> str:
    shown = [
        f"{line['hash'][:12]}  {line['name']}  ({line['origin']})" for line in lines
    ]
    return "\n".join(shown) or "There are no sentinels."
