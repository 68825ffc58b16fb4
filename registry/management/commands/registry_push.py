"""Bring in a model from elsewhere, and wait until it is examined."""

import json
import tarfile
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitor import claims
from monitor.events import record
from monitor.work import State
from pulsar_ml import artefact
from pulsar_ml.examine import order
from registry.datasets.ask import Brought
from registry.errors import RegistryError
from registry.models import Dataset, Push
from registry.pushing.receive import BY_DATASET, LISTED, receive
from registry.pushing.work import is_quarantined, work

_TAKEN = {*artefact.FILES, *artefact.OPTIONAL, artefact.SUMS}


class Command(BaseCommand):
    help = "Examine a model from elsewhere; exit 0 when it is a version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", type=Path, help="an ONNX, a packed artefact, or its folder")
        add("--model", default="pulsar", help="whose next version it is to be")
        add("--dataset", type=int, metavar="N", help="judged by; else the newest")
        add("--threshold", type=float, metavar="T", help="else the card's, or chosen")
        add(
            "--trained-on",
            default=artefact.UNKNOWN,
            metavar="FILE|dataset|unknown",
            help="a file of candidate hashes, or the training side of the dataset",
        )
        add("--card", type=Path, metavar="FILE", help="the card.json of a bare ONNX")
        add("--note", default="", help="what you want to remember")
        add("--json", action="store_true", help="one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            with TemporaryDirectory() as temp:
                push = _receive(options, Path(temp))
        except (RegistryError, OSError) as error:
            raise CommandError(str(error)) from error
        _work(push)
        push.refresh_from_db()
        if options["json"]:
            self.stdout.write(json.dumps(_told(push)))
        elif push.state == State.SUCCESS and not is_quarantined(push):
            self.stdout.write("\n".join(_lines(push)))
        if push.state != State.SUCCESS:
            raise CommandError(push.reason)
        if is_quarantined(push) and push.version:
            raise CommandError(f"{push.version} is quarantined. {push.version.reason}")


def _receive(options: dict[str, Any], temp: Path) -> Push:
    beside = {}
    trained_on = options["trained_on"]
    if trained_on not in {artefact.UNKNOWN, BY_DATASET}:
        path = Path(trained_on)
        beside[order.LIST] = Brought(path.name, path)
        trained_on = LISTED
    if options["card"]:
        beside[order.CARD] = Brought(options["card"].name, options["card"])
    return receive(
        _brought(options["file"], temp),
        model=options["model"],
        dataset=_dataset(options["dataset"]),
        threshold=options["threshold"],
        trained_on=trained_on,
        beside=beside,
        note=options["note"],
        send_it=False,
    )


def _brought(path: Path, temp: Path) -> Brought:
    """A folder goes the way of an archive, so that there is one way in."""
    if not path.is_dir():
        return Brought(path.name, path)
    packed = temp / "artefact.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        for file in sorted(path.iterdir()):
            if file.name in _TAKEN:
                archive.add(file, file.name)
    return Brought(f"{path.resolve().name}.tar.gz", packed)


def _dataset(number: int | None) -> Dataset | None:
    if number is None:
        return None
    found = Dataset.objects.filter(number=number).first()
    if found is None:
        raise CommandError(f"There is no dataset {number}.")
    return found


def _work(push: Push) -> None:
    """Bring it to its end; should this process be killed, a worker does."""
    try:
        work(push)
    except KeyboardInterrupt:
        reason = "Stopped at the terminal."
        if claims.close(push, State.CANCELLED, reason=reason):
            record("push.cancelled", about=str(push), name=push.name, reason=reason)


def _told(push: Push) -> dict[str, Any]:
    version = push.version
    return {
        "push": push.pk,
        "state": push.state,
        "reason": push.reason,
        "sha256": push.sha256,
        "findings": push.findings,
        "version": version
        and {
            "name": str(version),
            "registration": version.registration,
            "reason": version.reason,
            "sha256": version.sha256,
        },
    }


def _lines(push: Push) -> list[str]:
    checks = [f"{f['name']}: {f['words']}" for f in push.findings]
    return [*checks, f"{push.name} is {push.version}"]
