"""A schedule over a folder with a real table in it, and the shipped model."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from dispatch.models import Run, Schedule
from dispatch.runs.execute import execute
from dispatch.runs.start import start
from monitor.models import Outbox
from pulsar_ml import loader
from showroom import classify, scores
from showroom.tests.conftest import (  # noqa: F401  # fixtures of ours too
    as_csv,
    champion,
    keep,
    mailbox,
    no_stale_models,
    reconfigured,
    simulate,
)


@pytest.fixture
def folder(storage) -> Path:
    """Where files arrive: one table of 40 rows, every tenth like a pulsar."""
    inbox = storage / "inbox"
    inbox.mkdir()
    arrive(inbox, "sky.csv")
    return inbox


def arrive(inbox: Path, name: str, rows: int = 40, seed: int = 0) -> Path:
    """Put a whole table into a folder."""
    path = inbox / name
    path.write_bytes(as_csv(simulate(rows, seed)))
    return path


@pytest.fixture
def admin(person):
    """Who makes schedules."""
    return person("admin")


@pytest.fixture
def schedule_over(champion, admin, folder) -> Callable[..., Schedule]:  # noqa: F811
    """Make schedules: schedule_over("nightly", retries=0)."""

    def make(slug: str = "nightly", **values: object) -> Schedule:
        wanted: dict[str, object] = {
            "name": slug.capitalize(),
            "cron": "0 2 * * *",
            "source": {
                "kind": "folder",
                "folder": str(folder),
                "patterns": ["*.csv"],
                "settle_seconds": 0,
            },
            "sink": {"kind": "scores"},
            "owner": admin,
        }
        return Schedule.objects.create(slug=slug, **(wanted | values))

    return make


@pytest.fixture
def schedule(schedule_over) -> Schedule:
    """One that reads the folder each night, and keeps scores only."""
    return schedule_over()


@pytest.fixture
def short_parts(monkeypatch) -> None:
    """A part for every ten rows, so that a small table has several."""
    short = functools.partial(loader.read, chunk_rows=10)
    monkeypatch.setattr(classify.loader, "read", short)


@pytest.fixture
def at_part(monkeypatch, short_parts) -> Callable[..., None]:
    """Have something happen when so many parts of a batch are written."""

    def when(number: int, what: Callable[[], object]) -> None:
        append, written = scores.append, []

        def counted(*values: object) -> None:
            append(*values)
            written.append(True)
            if len(written) == number:
                what()

        monkeypatch.setattr(scores, "append", counted)

    return when


def begin(schedule: Schedule) -> Run:
    """A run beside all slots, that nobody works on yet."""
    return start(schedule, trigger=Run.Trigger.HAND, now_anyway=True)


def go(run: Run) -> Run:
    """Have the run worked on, and look how it is after."""
    execute(Run.objects.get(pk=run.pk))
    run.refresh_from_db()
    return run


def kinds(*things: object) -> list[str]:
    """What was told about these things, in order."""
    told = Outbox.objects.filter(about__in=map(str, things)).order_by("pk")
    return [event.kind for event in told]
