"""`manage.py registry_rollback [MODEL]`: back to the version before, at once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.errors import RegistryError
from registry.promotion.named import named
from registry.promotion.roll_back import roll_back
from registry.promotion.standing import standing
from registry.serving import DEFAULT_MODEL


class Command(BaseCommand):
    help = "Give production back to the version that had it before; no gate is asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
        parser.add_argument("--reason", required=True, help="for the history")

    def handle(self, **options: Any) -> None:
        try:
            model = named(options["model"])
            champion = standing(model, "champion")
            if champion is None:
                raise CommandError(f"{model} has no version in production.")
            version = roll_back(
                model, by=None, reason=options["reason"], expected=champion
            )
        except RegistryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{version} is in production again, {champion} is not")
