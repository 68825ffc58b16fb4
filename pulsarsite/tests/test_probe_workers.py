"""Workers: who has given a sign of life, and what stands in their queues."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.worker.components import Pool
from django.db import connections
from django.utils import timezone
from kombu.utils.imports import symbol_by_name

from conftest import eventually
from dispatch.models import Run
from dispatch.tests.rows import run_row, schedule_row
from monitor.models import Check, Ping
from monitor.probes import workers
from monitor.processes import heartbeat
from monitor.processes.heartbeat import Heartbeat, beat
from pulsarsite.celery import app

pytestmark = pytest.mark.django_db

NOW = timezone.now()
UP, DOWN, NEW = Check.State.UP, Check.State.DOWN, Check.State.NEW


def heard(queue: str, seconds: float = 0, host: str = "here") -> None:
    """A worker that was last heard of so long ago."""
    name = f"{queue}@{host}"
    beat(name, [queue])
    at = NOW - timedelta(seconds=seconds)
    Ping.objects.filter(slug=f"worker {name}").update(succeeded_at=at)


def found() -> tuple:
    reading = workers.look(NOW)
    return reading.state, reading.summary


def test_a_site_whose_workers_never_lived_is_new():
    assert found() == (NEW, "No worker has given a sign of life yet.")


def test_a_site_whose_work_nobody_takes_is_down():
    run_row(schedule_row(), "queued")
    words = "No worker takes from the queue interactive and heavy."
    assert found() == (DOWN, f"{words} 0 workers, 0 at work, 1 waiting")


def test_each_queue_needs_a_worker_that_lives():
    heard("interactive")
    heard("heavy", seconds=60)
    assert found() == (UP, "2 workers, 0 at work, 0 waiting")
    heard("heavy", seconds=61)
    words = "No worker takes from the queue heavy."
    assert found() == (DOWN, f"{words} 1 worker, 0 at work, 0 waiting")
    heard("heavy", host="there")
    assert found() == (UP, "2 workers, 0 at work, 0 waiting")


def test_what_they_do_and_what_waits_is_counted_by_queue():
    heard("interactive")
    heard("heavy", seconds=100)
    states = ["running", "queued", "queued", "up_for_retry", "success", "failed"]
    for number, state in enumerate(states):
        run_row(schedule_row(f"n{number}"), state, queue="heavy")
    run_row(schedule_row(), "running", queue="interactive")
    reading = workers.look(NOW)
    assert reading.detail == {
        "workers": [
            {
                "name": "heavy@here",
                "queues": ["heavy"],
                "last_ping": (NOW - timedelta(seconds=100)).isoformat(),
                "lives": False,
            },
            {
                "name": "interactive@here",
                "queues": ["interactive"],
                "last_ping": NOW.isoformat(),
                "lives": True,
            },
        ],
        "queues": {
            "interactive": {"workers": 1, "active": 1, "queued": 0},
            "heavy": {"workers": 0, "active": 1, "queued": 3},
        },
    }
    assert reading.figures == {
        "workers.count": 1,
        "workers.active": 2,
        "workers.queued": 3,
    }
    assert Run.objects.count() == 7


def test_a_worker_that_is_gone_for_good_is_forgotten():
    heard("interactive", seconds=24 * 3600 + 1, host="old")
    assert found() == (NEW, "No worker has given a sign of life yet.")
    # Another ping is nobody's worker.
    Ping.objects.create(slug="prune", succeeded_at=NOW - timedelta(days=9))
    heard("interactive")
    slugs = Ping.objects.order_by("slug").values_list("slug", flat=True)
    assert list(slugs) == ["prune", "worker interactive@here"]


def test_a_long_name_of_a_host_is_kept_whole():
    name = f"interactive@{'h' * 64}"
    beat(name, ["interactive", "heavy"])
    assert workers.look(NOW).detail["workers"][0]["name"] == name
    assert len(Ping.objects.get().slug) == 64


def test_every_worker_of_the_site_beats_after_its_processes_were_forked():
    assert [*map(symbol_by_name, app.steps["worker"])] == [Heartbeat]
    assert [symbol_by_name(name) for name in Heartbeat.requires] == [Pool]


@pytest.fixture
def worker():
    """What celery hands to its steps."""
    queues = SimpleNamespace(consume_from={"heavy": 1, "interactive": 2})
    app = SimpleNamespace(amqp=SimpleNamespace(queues=queues))
    return SimpleNamespace(app=app, hostname="all@here")


@pytest.mark.django_db(transaction=True)
def test_a_worker_beats_until_it_is_stopped(worker, monkeypatch):
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    step = Heartbeat(worker)
    step.start(worker)

    def is_new(before: object) -> object:
        ping = Ping.objects.filter(slug="worker all@here").first()
        return ping and ping.succeeded_at != before and ping.succeeded_at

    first = eventually(lambda: is_new(None))
    eventually(lambda: is_new(first))
    assert workers.look().summary == "1 worker, 0 at work, 0 waiting"
    step.stop(worker)


@pytest.mark.django_db(transaction=True)
def test_a_beat_outlives_a_database_that_is_away(worker, monkeypatch, caplog):
    # Long before its next one would have been due.
    monkeypatch.setattr(heartbeat, "SECONDS", 3600)
    monkeypatch.setattr(heartbeat, "AGAIN", 0.01)
    table = Ping._meta.db_table
    with connections["default"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO away")
    step = Heartbeat(worker)
    try:
        step.start(worker)
        eventually(lambda: "could not give its sign of life" in caplog.text)
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE away RENAME TO {table}")
    eventually(lambda: Ping.objects.filter(slug="worker all@here").exists())
    step.stop(worker)
