"""`manage.py dispatch_run SLUG`: what a schedule's line in the crontab starts."""

import json
import os
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from dispatch.errors import DispatchError
from dispatch.models import Run, Schedule
from dispatch.runs.execute import execute
from dispatch.runs.report import line, report
from dispatch.runs.start import start
from dispatch.runs.watched import from_line, tell
from monitor.send import send
from monitor.starts.watch import Watched, watch
from monitor.work import State

LOOK_SECONDS = 1.0


class Failed(CommandError):
    """The run did not do what it should; the message is the line about it."""

    def __init__(self, run: Run) -> None:
        super().__init__(line(run))
        self.run = run


class Command(BaseCommand):
    help = "Run a schedule: exit 0 when it did all there was to do, or was refused."
    # Each minute, by cron: they would load every page.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the schedule")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--slot", type=_moment, metavar="TIME", help="serve this slot (ISO time)"
        )
        which.add_argument(
            "--now", action="store_true", help="run at once, beside all slots"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, slug: str, **options: Any) -> None:
        _refuse_strangers()
        schedule = _schedule(slug)
        try:
            with watch(schedule.job) as seen, _stopping() as stop:
                run = _begin(schedule, options["slot"], seen, beside=options["now"])
                seen.page(run.get_absolute_url())
                _work(run, stop, seen)
                _look_at(run)
                tell(seen, run)
        except Failed as failed:
            self._say(failed.run, as_json=options["json"])
            sys.exit(1)
        except DispatchError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}") from error
        self._say(run, as_json=options["json"])

    def _say(self, run: Run, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(report(run)) if as_json else line(run))


def _begin(
    schedule: Schedule, slot: datetime | None, seen: Watched, *, beside: bool
) -> Run:
    return start(
        schedule,
        trigger=Run.Trigger.HAND if beside else Run.Trigger.CLOCK,
        by=seen.person,
        slot_at=slot,
        now_anyway=beside,
    )


def _work(run: Run, stop: threading.Event, seen: Watched) -> None:
    works = partial(from_line, seen)
    while run.state == State.QUEUED and not execute(run, stop.is_set, works):
        # While it stands here, nobody need send it to a worker.
        Run.objects.filter(pk=run.pk).update(sent_at=now())
        if stop.wait(LOOK_SECONDS):
            send(run)
            break
        run.refresh_from_db()
    run.refresh_from_db()


def _look_at(run: Run) -> None:
    if run.state in {State.FAILED, State.UP_FOR_RETRY}:
        raise Failed(run)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Whether this process was told to end; its run then goes on with a worker."""
    stop = threading.Event()
    told = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in told]
    try:
        yield stop
    finally:
        for number, handler in zip(told, before, strict=True):
            signal.signal(number, handler)


def _schedule(slug: str) -> Schedule:
    schedule = Schedule.objects.live().filter(slug=slug).first()
    if schedule:
        return schedule
    if Schedule.objects.removed().filter(slug=slug).exists():
        raise CommandError(f"The schedule {slug} was removed.")
    raise CommandError(f"There is no schedule {slug}.")


def _refuse_strangers() -> None:
    """What another user writes, the site could not read or remove."""
    root = settings.PULSAR.storage.root
    owner, me = root.stat().st_uid, os.geteuid()
    if owner != me:
        raise CommandError(
            f"{root} belongs to user {owner}, and this is user {me}: "
            "run it as the user of the site."
        )


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise ValueError  # argparse says which argument and what it got
    return moment
