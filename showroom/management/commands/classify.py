"""Classify files from the shell."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pulsar_ml import classify
from pulsar_ml.errors import PulsarError
from registry import serving
from registry.errors import RegistryError


class Command(BaseCommand):
    help = "Classify candidate files and folders; exit 0 when something was scored."

    def add_arguments(self, parser: CommandParser) -> None:
        classify.add_arguments(parser)
        parser.add_argument(
            "--model",
            default="pulsar@champion",
            metavar="REF",
            help="a version: pulsar/2, pulsar@champion, models:/pulsar/Production",
        )

    def handle(self, **options: Any) -> None:
        try:
            served = serving.resolve(options["model"])
            code = classify.run(
                argparse.Namespace(**options),
                served.scorer,
                str(served.version),
                sys.stdout,
                sys.stderr,
            )
        except (PulsarError, RegistryError) as error:
            raise CommandError(str(error), returncode=2) from error
        if code:
            sys.exit(code)
