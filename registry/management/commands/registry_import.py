"""Make a dataset of a labelled table."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pulsar_ml.datasets import htru2
from registry.datasets import ask, bring_in, here
from registry.errors import RegistryError
from registry.models import Build

_NOTHING = "Say what to import: --file, --url or --preset."
_SHOWN = (
    "An address with a user or password in it would be shown and kept: fetch the file "
    "by yourself, and give it by --file."
)


class Command(BaseCommand):
    help = "Make a dataset of labelled candidates; exit 0 when it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--file", type=Path, help="a table with labels, any format")
        where.add_argument("--url", help="where to fetch it")
        parser.add_argument(
            "--preset",
            choices=[bring_in.HTRU2],
            help=f"fetch HTRU2 from {htru2.ADDRESS}, or from --file or --url; its "
            "counts are checked",
        )
        parser.add_argument(
            "--observations",
            type=Path,
            help="CSV beside it: row (from 0), pointing_utc, and what else was noted",
        )
        parser.add_argument("--name", default="", help="what people call the dataset")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            asked = _ask(options)
        except (RegistryError, OSError) as error:
            raise CommandError(str(error)) from error
        here.tell(self.stdout, here.work(asked), as_json=options["json"])


def _ask(options: dict[str, Any]) -> Build:
    preset = options["preset"] or ""
    url = options["url"] or ""
    if preset and not options["file"]:
        url = url or htru2.ADDRESS
    if not url and not options["file"]:
        raise CommandError(_NOTHING)
    if "@" in url.partition("//")[2].partition("/")[0]:
        raise CommandError(_SHOWN)
    paths = {
        bring_in.TABLE: options["file"],
        bring_in.BESIDE: options["observations"],
    }
    files = {key: ask.Brought(path.name, path) for key, path in paths.items() if path}
    return ask.ask(
        Build.Kind.IMPORT,
        name=options["name"] or _title(options, preset, url),
        order={"url": url, "preset": preset},
        files=files,
        by=None,
        send_it=False,
    )


def _title(options: dict[str, Any], preset: str, url: str) -> str:
    return bring_in.title(preset, url, options["file"].name if options["file"] else "")
