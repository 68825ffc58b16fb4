"""`manage.py registry_train --dataset N`: train by a worker, or in this process."""

import json
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from monitor.send import send
from monitor.work import State
from pulsar_ml.errors import PulsarError
from pulsar_ml.training import parameters as known
from registry.errors import RegistryError
from registry.models import Dataset, TrainingRun
from registry.training.ask import DEFAULT_EXPERIMENT, ask
from registry.training.report import at_work, line, report
from registry.training.work import work

LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = "Train a model: exit 0 when a version came of it, or a worker has it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--dataset", type=int, required=True, metavar="N", help="its number")
        add("--experiment", default=DEFAULT_EXPERIMENT, help="made if it is new")
        add("--tag", action="append", default=[], dest="tags", metavar="TAG")
        add("--notes", default="", help="what you want to remember")
        _add_settings(parser)
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--wait", action="store_true", help="until it has ended")
        where.add_argument(
            "--here", action="store_true", help="in this process, not in a worker"
        )
        add("--json", action="store_true", help="one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            run = _ask(options)
        except (RegistryError, PulsarError) as error:
            raise CommandError(str(error)) from error
        if options["here"]:
            _work(run)
        elif options["wait"]:
            self._wait(run)
        run.refresh_from_db()
        self.stdout.write(json.dumps(report(run)) if options["json"] else line(run))
        if run.state in (State.FAILED, State.CANCELLED):
            sys.exit(1)

    def _wait(self, run: TrainingRun) -> None:
        """Tell what is at work until it has ended; Ctrl-C leaves it to its worker."""
        said = ""
        with _stopping() as stop:
            while run.is_under_way:
                if (words := at_work(run)) != said:
                    self.stderr.write(words)
                    said = words
                if stop.wait(LOOK_SECONDS):
                    return
                run.refresh_from_db()


def _add_settings(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--algorithm", default=TrainingRun.Algorithm.FOREST, metavar="A")
    add("--policy", default=TrainingRun.Policy.GROUPED, metavar="P")
    add("--seed", type=int, default=0, help="of everything random")
    add("--recall", type=float, default=0.92, help="share of pulsars to be found")
    add("--model", default="pulsar", help="whose next version it makes")
    add("--set", action="append", default=[], dest="set", metavar="NAME=VALUE")
    add("--try", action="append", default=[], dest="try", metavar="NAME=VALUE,VALUE")


def _ask(options: dict[str, Any]) -> TrainingRun:
    dataset = Dataset.objects.filter(number=options["dataset"]).first()
    if dataset is None:
        raise CommandError(f"There is no dataset {options['dataset']}.")
    as_they_are = "algorithm", "policy", "seed", "recall", "model"
    algorithm = options["algorithm"]
    return ask(
        dataset=dataset,
        parameters={
            name: _read(algorithm, name, value)
            for name, value in map(_pair, options["set"])
        },
        search={
            name: [_read(algorithm, name, value) for value in values.split(",")]
            for name, values in map(_pair, options["try"])
        },
        experiment=options["experiment"],
        tags=options["tags"],
        notes=options["notes"],
        source=TrainingRun.Source.COMMAND,
        at_once=not options["here"],
        **{name: options[name] for name in as_they_are},
    )


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise CommandError(f"Write NAME=VALUE, not {text!r}.")
    return name.strip(), value.strip()


def _read(algorithm: str, name: str, value: str) -> int | float | str:
    # Of what is no algorithm nothing is known, and `ask` says so.
    if algorithm not in known.PARAMETERS:
        return value
    return known.of(algorithm, name).read(value)


def _work(run: TrainingRun) -> None:
    with _stopping() as stop:
        while run.state == State.QUEUED and not work(run, stop.is_set):
            # While it stands here, nobody need send it to a worker.
            TrainingRun.objects.filter(pk=run.pk).update(sent_at=now())
            if stop.wait(LOOK_SECONDS):
                send(run)
                return
            run.refresh_from_db()


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Whether this process was told to end; a worker has the training then."""
    stop = threading.Event()
    told = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in told]
    try:
        yield stop
    finally:
        for number, handler in zip(told, before, strict=True):
            signal.signal(number, handler)
