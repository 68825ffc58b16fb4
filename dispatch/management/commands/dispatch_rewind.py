"""`manage.py dispatch_rewind SLUG --to VALUE`: read a table again from there on."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatch.errors import DispatchError
from dispatch.models import Schedule
from dispatch.positions.rewind import rewind, undo


class Command(BaseCommand):
    help = "Have the next run of a schedule read its table again from some row on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the schedule")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument(
            "--to", metavar="VALUE", help="from this mark on, or key where it has none"
        )
        where.add_argument(
            "--from-start", action="store_true", help="from the first row on"
        )
        where.add_argument(
            "--undo", action="store_true", help="where it went on before it was moved"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, slug: str, **options: Any) -> None:
        schedule = Schedule.objects.live().filter(slug=slug).first()
        if schedule is None:
            raise CommandError(f"There is no schedule {slug}.")
        if options["to"] is not None and not options["to"].strip():
            raise CommandError("--to needs a value.")
        try:
            if options["undo"]:
                position = undo(schedule, by=None)
            else:
                position = rewind(schedule, options["to"] or "", by=None)
        except DispatchError as error:
            raise CommandError(str(error)) from error
        told = {"schedule": slug, "goes_on": position.goes_on}
        line = f"{schedule.name} goes on {position.goes_on}."
        self.stdout.write(json.dumps(told) if options["json"] else line)
