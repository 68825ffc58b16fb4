"""The site that benchmarks/monitor.py looks at: a year of a busy one's life.

    python benchmarks/watched_site.py EVENTS JOBS DAYS ALERTS

That benchmark runs it, in a process of its own, with the configuration of the site.
"""

import random
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from django.db.models import Model

AT_ONCE = 5_000
MONTH = timedelta(days=30)
CRONS = ("{} * * * *", "{} * * * *", "{} */3 * * *", "*/30 * * * *", "{} 2 * * *")
# About how large each figure is, so that no rule of the site minds.
FIGURES = {
    "outbox.waiting": 10,
    "outbox.age": 5,
    "storage.free": 1e11,
    "machine.load": 1,
    "machine.memory": 0.1,
    "machine.cpu": 0.1,
    "workers.active": 1,
    "inference.rate": 50,
    "inference.p95": 0.01,
    "champion.age": 1e6,
}
SERIES = [(name, {}, size) for name, size in FIGURES.items()]
SERIES += [("run.rows_in", {"schedule": f"survey-{n}"}, 1e5) for n in range(10)]


def main() -> None:
    """Make what is not there yet."""
    n_events, n_jobs, days, n_alerts = map(int, sys.argv[1:])
    import django

    django.setup()
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import User
    from monitor.models import Alert, Event, Mean, Sample

    call_command("prepare", verbosity=0)
    if Alert.objects.exists():
        return
    admin, _ = User.objects.get_or_create(username="benchmark")
    admin.groups.set(Group.objects.filter(name="admin"))
    chance, at = random.Random(0), timezone.now()  # noqa: S311  # no secret
    store(Event, events(n_events, chance, at))
    store(Sample, samples(timedelta(days=days), chance, at))
    store(Mean, means(timedelta(days=days), chance, at))
    fill_jobs(n_jobs, chance, at)
    fill_checks(chance, at)
    fill_alerts(n_alerts, chance, at)


def store(model: "type[Model]", rows: Iterable[Any]) -> None:
    """Write rows as they are made, so many at once."""
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        model._default_manager.bulk_create(some)  # noqa: SLF001  # of any model


def events(n: int, chance: random.Random, at: datetime) -> Iterator[Any]:
    """A year of all kinds, the oldest first."""
    from monitor.events import KINDS
    from monitor.models import Event

    kinds, step = sorted(KINDS), timedelta(days=365) / max(n, 1)
    for place in range(n, 0, -1):
        yield Event(
            at=at - place * step,
            kind=chance.choice(kinds),
            who=str(chance.randrange(20) or ""),
            about=f"batch {chance.randrange(20_000)}",
            detail={"rows": chance.randrange(10**6), "reason": "of no matter"},
        )


def samples(past: timedelta, chance: random.Random, at: datetime) -> Iterator[Any]:
    """Each figure in each minute of so long as single ones are kept."""
    from monitor.figures.declared import SINGLE
    from monitor.models import Sample

    for minute in range(int(min(past, SINGLE).total_seconds() / 60)):
        since = at - timedelta(minutes=minute)
        for name, labels, size in SERIES:
            value = size * chance.uniform(1, 2)
            yield Sample(name=name, at=since, value=value, labels=labels)


def means(past: timedelta, chance: random.Random, at: datetime) -> Iterator[Any]:
    """What is kept of them for longer, as `thin` leaves it."""
    from monitor.figures.samples import key
    from monitor.figures.thin import LEVELS, beginning
    from monitor.models import Mean

    for level in LEVELS:
        step, first = timedelta(seconds=level.span), at - min(past, level.kept)
        since = beginning(first, level.span)
        while (since := since + step) <= at - step:
            for name, labels, size in SERIES:
                value = size * chance.uniform(1, 2)
                yield Mean(
                    name=name,
                    labels=key(labels),
                    span=level.span,
                    at=since,
                    n=level.span // 60,
                    value=value,
                    least=size,
                    most=2 * size,
                    last=value,
                )


def fill_jobs(n: int, chance: random.Random, at: datetime) -> None:
    """Schedules with their lines and pings, and each start of a month."""
    from dispatch.models import Schedule
    from dispatch.places import allowed
    from dispatch.schedules.announce import announce
    from monitor.crontab import lines
    from monitor.models import Job, Ping, Start

    inbox, outbox = allowed()[:2]
    for number in range(n):
        schedule = Schedule.objects.create(
            slug=f"survey-{number}",
            name=f"Survey {number}",
            cron=chance.choice(CRONS).format(chance.randrange(60)),
            source={"kind": "folder", "folder": str(inbox)},
            sink={"kind": "files", "folder": str(outbox), "format": "csv"},
            ledger_until=at,
            start_within=3600,
        )
        announce(schedule)
    lines.enter()
    Job.objects.update(since=at - MONTH)
    for job in Job.objects.filter(built_in=False):
        began = list(starts(job, chance, at))
        store(Start, began)
        last = began[-1]
        Ping.objects.create(
            slug=job.slug,
            started_at=last.at,
            succeeded_at=last.ended_at,
            duration=last.duration,
        )


def starts(job: Any, chance: random.Random, at: datetime) -> Iterator[Any]:
    """What the clock started in a month; one in two hundred failed."""
    from monitor.clock.cron import clock_zone, occurrences
    from monitor.models import Start

    usual = chance.lognormvariate(4, 1)
    for moment in occurrences(job.cron, at - MONTH, at, clock_zone()):
        took = usual * exp(chance.gauss(0, 0.2))
        well = chance.random() > 1 / 200
        yield Start(
            job=job.slug,
            at=moment,
            host="localhost",
            pid=chance.randrange(1000, 30_000),
            ended_at=moment + timedelta(seconds=took),
            outcome="succeeded" if well else "failed",
            exit=0 if well else 1,
            duration=took,
            detail="" if well else "OSError: No space left on device",
        )


def fill_checks(chance: random.Random, at: datetime) -> None:
    """A first look at everything, and a month of changes of state."""
    from monitor.checks import jobs, look
    from monitor.models import Check, Flip

    look.look()
    jobs.judge(at)
    for check in Check.objects.all():
        moments = sorted(at - MONTH * chance.random() for _ in range(60))
        words = ("up", "down") * 30
        store(
            Flip,
            (
                Flip(subject=check, at=moment, was=was, state=state, summary="Of old")
                for moment, state, was in zip(
                    moments, words, (*words[1:], "up"), strict=True
                )
            ),
        )


def fill_alerts(n: int, chance: random.Random, at: datetime) -> None:
    """A year of alerts that are over, each told to one channel."""
    from monitor.models import Alert, Channel, Check, Delivery, Rule

    rules, checks = list(Rule.objects.all()), list(Check.objects.all())
    channel = Channel.objects.create(
        name="Nobody", kind="webhook", address="http://127.0.0.1:9/", on=False
    )

    def alerts() -> Iterator[Alert]:
        for _ in range(n):
            begun, check = (
                at - timedelta(days=365) * chance.random(),
                chance.choice(checks),
            )
            lasted = timedelta(minutes=chance.randrange(2, 300))
            yield Alert(
                cause=check.slug,
                live=None,
                state=Alert.State.CLOSED,
                severity=chance.choice(["warning", "critical"]),
                title=f"{check.name} is down",
                subject=check,
                rule=chance.choice(rules),
                begun_at=begun,
                opened_at=begun,
                told_at=begun,
                closed_at=begun + lasted,
                evidence={
                    "rule": "is down for 2 minutes",
                    "since": begun.isoformat(),
                    "numbers": [["minutes", 3, 2]],
                    "rows": [[begun.isoformat(), "down", "refused"]] * 5,
                },
            )

    store(Alert, alerts())
    store(
        Delivery,
        (
            Delivery(
                channel=channel,
                what="opened",
                alert=alert,
                subject=alert.title,
                text="It is down.",
                state="sent",
                created_at=alert.opened_at,
                sent_at=alert.opened_at,
            )
            for alert in Alert.objects.all()
        ),
    )


if __name__ == "__main__":
    main()
