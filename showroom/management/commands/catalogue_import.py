"""Bring in the catalogue of known pulsars."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitor.fetch import NotFetched, fetch
from pulsar_ml import psrcat
from pulsar_ml.errors import BadInput
from showroom import catalogue
from showroom.errors import ShowroomError

ATNF = "https://www.atnf.csiro.au/research/pulsar/psrcat/downloads/psrcat_pkg.tar.gz"
_OFFLINE = (
    "Without a way to the network, bring psrcat_pkg.tar.gz or psrcat.db over by "
    "hand and give it by --file."
)


class Command(BaseCommand):
    help = "Import the ATNF catalogue of known pulsars and use it from now on."

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group()
        where.add_argument(
            "--file", type=Path, help="psrcat.db, or the .tar.gz that the ATNF serves"
        )
        where.add_argument(
            "--url", default=ATNF, help="where to download it (default: %(default)s)"
        )

    def handle(self, **options: Any) -> None:
        source = str(options["file"] or options["url"])
        try:
            content = _content(options["file"], options["url"])
            found = catalogue.bring_in(content, source=source)
        except BadInput as error:
            raise CommandError(f"{source} {error}.") from error
        except ShowroomError as error:
            raise CommandError(str(error)) from error
        n = found.pulsars.count()
        self.stdout.write(f"{found} with {n} pulsars is in use, from {found.source}")


def _content(file: Path | None, url: str) -> bytes:
    if file is None:
        return _fetched(url)
    try:
        with file.open("rb") as opened:
            content = opened.read(psrcat.MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    if len(content) > psrcat.MAX_BYTES:
        raise CommandError(f"{file} is larger than any catalogue.")
    return content


def _fetched(url: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue"
        try:
            fetch(url, file, most=psrcat.MAX_BYTES)
        except NotFetched as error:
            raise CommandError(f"{error} {_OFFLINE}") from error
        return file.read_bytes()
