"""Make a dataset of a labelled table."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pulsar_ml.datasets import htru2
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from registry.datasets import ask, bring_in, from_table, here
from registry.datasets.match import match
from registry.errors import RegistryError
from registry.models import Build

_NOTHING = "Say what to import: --file, --url, --preset or --connection."
# What belongs to a connection alone.
_OF_TABLE = ("table", "select", "key", "mark", "map", "label", "keep")
_OF_FILE = ("preset", "observations")
_WHICH = (
    "Say which table of the connection, by --table or --select, and by --key the "
    "column that names each row."
)
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
        where.add_argument(
            "--connection", default="", help="a database that config.yaml names"
        )
        _add_table(parser)
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
            asked = _ask_table(options) if options["connection"] else _ask(options)
        except (RegistryError, PulsarError, OSError) as error:
            raise CommandError(str(error)) from error
        here.tell(self.stdout, here.work(asked), as_json=options["json"])


def _add_table(parser: ArgumentParser) -> None:
    of = parser.add_argument_group("of a connection")
    what = of.add_mutually_exclusive_group()
    what.add_argument("--table", default="", help="what to read, with its schema")
    what.add_argument("--select", default="", help="or a single SELECT")
    of.add_argument("--key", default="", help="the column that names each row")
    of.add_argument("--mark", default="", help="a column that grows, to read in order")
    of.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FEATURE=COLUMN",
        help="a feature whose column has another name; may be given several times",
    )
    of.add_argument("--label", default="", help="the column of labels, if not class")
    of.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a further column to keep; may be given several times",
    )


def _ask_table(options: dict[str, Any]) -> Build:
    """Have a table of a database read, once it is known which column is what."""
    if beside := [name for name in _OF_FILE if options[name]]:
        raise CommandError(f"--{beside[0]} belongs to a file, not to a connection.")
    if not (options["table"] or options["select"]) or not options["key"]:
        raise CommandError(_WHICH)
    told = {name: options[name] for name in _OF_TABLE if name != "map"}
    told = match(
        {**told, "connection": options["connection"], "columns": _mapped(options)}
    )
    return ask.ask(
        Build.Kind.IMPORT,
        name=options["name"] or from_table.title(told),
        order={"url": "", "preset": "", from_table.TABLE: told},
        by=None,
        send_it=False,
    )


def _mapped(options: dict[str, Any]) -> dict[str, str]:
    pairs = dict[str, str]()
    for given in options["map"]:
        feature, _, column = given.partition("=")
        if feature not in FEATURES or not column:
            known = ", ".join(FEATURES)
            raise CommandError(
                f"--map {given}: write FEATURE=COLUMN; the features are {known}."
            )
        pairs[feature] = column
    return pairs


def _ask(options: dict[str, Any]) -> Build:
    if given := [name for name in _OF_TABLE if options[name]]:
        raise CommandError(f"--{given[0]} belongs to a table: say --connection too.")
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
