"""Freeze a dataset from another and from labels."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from pulsar_ml.datasets import remedies, treatments
from pulsar_ml.errors import PulsarError
from registry.datasets import freeze, here
from registry.errors import RegistryError
from registry.labels.filter import LabelFilter
from registry.models import Build, Dataset
from registry.models.label import Label, Word


class Command(BaseCommand):
    help = "Freeze a dataset from another and from labels; exit 0 when it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--parent", type=int, required=True, help="its number")
        labels = parser.add_argument_group("labels, of which none are added without")
        labels.add_argument("--all-labels", action="store_true")
        labels.add_argument("--survey", action="append", default=[])
        labels.add_argument("--person", action="append", default=[], help="user name")
        labels.add_argument(
            "--verdict", action="append", default=[], choices=Word.values
        )
        labels.add_argument(
            "--drawn", action="append", default=[], choices=Label.Drawn.values
        )
        labels.add_argument("--since", default="", help="first day, YYYY-MM-DD")
        labels.add_argument("--until", default="", help="last day, YYYY-MM-DD")
        parser.add_argument(
            "--treat",
            action="append",
            metavar="NAME[:KEY=VALUE,...]",
            help="a treatment, in order; without any: "
            + ", ".join(step["name"] for step in treatments.offered())
            + f". There are {', '.join(remedies.TREATMENTS)}; 'no' for none.",
        )
        parser.add_argument("--name", default="", help="what people call the dataset")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            asked = _ask(options)
        except (PulsarError, RegistryError) as error:
            raise CommandError(str(error)) from error
        here.tell(self.stdout, here.work(asked), as_json=options["json"])


def _ask(options: dict[str, Any]) -> Build:
    parent = Dataset.objects.filter(number=options["parent"]).first()
    if parent is None:
        raise CommandError(f"There is no dataset {options['parent']}.")
    return freeze.ask_for(
        parent,
        labels=_labels(options),
        steps=_steps(options["treat"]),
        name=options["name"],
        by=None,
        send_it=False,
    )


def _steps(texts: list[str] | None) -> list[dict[str, Any]]:
    if texts is None:
        return treatments.offered()
    return [treatments.parse(text) for text in texts if text != "no"]


def _labels(options: dict[str, Any]) -> dict[str, Any] | None:
    """What was asked for, as it is understood on pages; None where it is nothing."""
    days = LabelFilter({key: options[key] for key in ("since", "until")})
    if not days.is_valid():
        wrong = [f"--{key}: {error}" for key, (error, *_) in days.errors.items()]
        raise CommandError(" ".join(wrong))
    wanted = days.wanted() | {
        "surveys": options["survey"],
        "people": [_person(name) for name in options["person"]],
        "verdicts": options["verdict"],
        "drawn": options["drawn"],
    }
    return wanted if options["all_labels"] or any(wanted.values()) else None


def _person(name: str) -> int:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user {name}.")
    return found.pk
