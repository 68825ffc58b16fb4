"""Erase a person: what they labelled stays, and nobody can tell whose it was."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from accounts.privacy.erase import LastAdmin, erase, foresee
from monitor.events import record
from pulsarsite.management.commands.person_export import answering, person


class Command(BaseCommand):
    help = "Erase a person: what they did stays, and nobody can tell who it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="name, or number")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *, user: str, yes: bool, **options: Any) -> None:
        with answering():
            found = person(user)
            self._show(found)
        if not (yes or _asked(found)):
            self.stdout.write("Nobody was erased.")
            return
        number = found.pk
        try:
            with answering(), transaction.atomic():
                erasure = erase(found)
                record("person.erased", about=f"user {number}", kept=erasure.stays)
        except LastAdmin as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Erased. In what stays they are number {number}.")

    def _show(self, user: User) -> None:
        coming = foresee(user)
        for what, rows in (("Goes", coming.goes), ("Stays", coming.stays)):
            for name, n in rows.items():
                self.stdout.write(f"{what:6}{n:>8,}  {name}")
        if "monitor.Channel.address" in coming.stays:
            self.stdout.write(
                "A channel writes to this person's address: change or remove it on the"
                " Monitor's page of channels."
            )


def _asked(user: User) -> bool:
    question = f"Erase {user} for good? Write the name to do it: "
    try:
        return input(question).strip() == user.get_username()
    except EOFError:
        return False  # nobody is there to ask
