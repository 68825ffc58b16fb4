"""Bring labels in from a file of candidates that somebody has judged."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from registry.datasets import here
from registry.datasets.ask import Brought
from registry.errors import RegistryError
from registry.labels.ask import ask
from registry.models import Build


class Command(BaseCommand):
    help = "Bring labels in from a file; exit 0 when they are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", type=Path, required=True, help="a table with labels, any format"
        )
        parser.add_argument("--survey", required=True, help="of which survey they are")
        parser.add_argument("--person", required=True, help="user name; whose they are")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, **options: Any) -> None:
        file = options["file"]
        try:
            asked = ask(
                Brought(file.name, file),
                survey=options["survey"],
                person=_person(options["person"]),
                by=None,
                send_it=False,
            )
        except (RegistryError, OSError) as error:
            raise CommandError(str(error)) from error
        ended = here.work(asked)
        told = here.told(ended) | {"labels": ended.labels.count()}
        self.stdout.write(json.dumps(told) if options["json"] else _line(ended))
        here.look_at(ended)


def _person(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user {name}.")
    return found


def _line(ended: Build) -> str:
    head = f"{ended}: {ended.n_rows:,} rows, {ended.n_rejected:,} rejected"
    return "\n".join([head, *ended.notes])
