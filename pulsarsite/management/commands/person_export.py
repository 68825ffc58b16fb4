"""Give out all that the site knows of a person, as one JSON object."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError

from accounts.models import User
from accounts.privacy.export import export
from monitor.events import record


class Command(BaseCommand):
    help = "Write all that the site knows of a person, as one JSON object."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="name, or number")

    def handle(self, *, user: str, **options: Any) -> None:
        with answering():
            found = person(user)
            given = export(found)
            record("person.exported", about=f"user {found.pk}")
        self.stdout.write(json.dumps(given, cls=DjangoJSONEncoder, indent=1))


@contextmanager
def answering() -> Iterator[None]:
    """Say in words that a database is away; what was begun is undone then."""
    try:
        yield
    except DatabaseError as error:
        raise CommandError(
            f"A database does not answer: {error}. Nothing was given out or changed:"
            " try it again later."
        ) from error


def person(text: str) -> User:
    """Who has this name, or this number."""
    found = User.objects.filter(username=text).first()
    if found is None and text.isascii() and text.isdecimal() and len(text) < 19:
        found = User.objects.filter(pk=int(text)).first()
    if found is None:
        raise CommandError(f"There is no user {text}.")
    return found
