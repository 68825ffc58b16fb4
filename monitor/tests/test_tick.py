"""tick(): the pump and every sweep have their turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models import Model
from django.utils import timezone

from conftest import free_port
from monitor import jobs
from monitor.clock import turn
from monitor.events import record
from monitor.figures import samples
from monitor.leases import hold
from monitor.models import Alert, Check, Event, Mean, Outbox, Ping, Rule, Sample
from monitor.tick import tick
from pulsarsite.schema import Host

pytestmark = pytest.mark.django_db

# Commands of ours, one that fails and one that leaves something behind.
FAILS = ["crontab", "run", "no such job"]
MAKES_GROUPS = ["sync_roles"]


@pytest.fixture(autouse=True)
def declared(monkeypatch) -> None:
    monkeypatch.setattr(jobs, "declared", {})
    jobs.declare("a_fails", cron="* * * * *", argv=FAILS, page="/", sweep=True)
    jobs.declare("works", cron="* * * * *", argv=MAKES_GROUPS, page="/", sweep=True)
    jobs.declare("hourly", cron="0 * * * *", argv=FAILS, page="/")


def test_a_failing_sweep_does_not_stop_the_others_and_is_told_once():
    for _ in range(3):
        tick()
    assert Group.objects.filter(name="operator").exists()
    pings = Ping.objects.filter(slug__in=["a_fails", "tick", "works"])
    states = pings.order_by("slug").values_list("slug", "failing")
    assert list(states) == [("a_fails", True), ("tick", False), ("works", False)]
    told = Event.objects.filter(kind="job.failed").values_list("about", flat=True)
    assert list(told) == ["job a_fails"]


def test_what_happened_goes_into_the_log():
    record("batch.scored", about="batch 7")
    tick()
    assert Event.objects.get(kind="batch.scored").about == "batch 7"


def test_a_sweep_that_runs_elsewhere_is_left_alone():
    with hold("sweep works", 60):
        tick()
    assert not Group.objects.exists()
    assert not Ping.objects.filter(slug="works").exists()


@pytest.mark.django_db(transaction=True)
def test_everything_is_measured_each_minute():
    jobs.sync()
    tick()
    # The failure of this very tick waits for the next one.
    assert Sample.objects.get(name="outbox.waiting").value == 1
    assert Check.objects.get(slug="outbox").summary.startswith("1 event waits")
    assert Check.objects.get(slug="job-works").state == "up"


def test_old_figures_become_means():
    at = timezone.now() - timedelta(days=3)
    samples.put("workers.count", 5, at=at)
    tick()
    assert not Sample.objects.filter(at=at).exists()
    mean = Mean.objects.get(name="workers.count", span=600, at__lte=at)
    assert (mean.n, mean.value) == (1, 5)


def watch_a_host_that_is_gone(settings) -> None:
    gone = Host(name="gone", address="127.0.0.1", port=free_port())
    monitor = settings.PULSAR.monitor.model_copy(update={"hosts": [gone]})
    settings.PULSAR = settings.PULSAR.model_copy(update={"monitor": monitor})
    Rule.objects.create(name="A host is down", condition="down", kind="host")


def test_what_is_found_down_has_its_alert_in_the_same_minute(settings):
    watch_a_host_that_is_gone(settings)
    tick()
    assert list(Alert.objects.values_list("cause", "live")) == [("host-gone", True)]


@pytest.mark.django_db(transaction=True)
def test_a_part_that_fails_stops_no_other_and_fails_the_tick(settings):
    watch_a_host_that_is_gone(settings)
    at = timezone.now() - timedelta(days=3)
    samples.put("workers.count", 5, at=at)
    with away(Rule), pytest.raises(OperationalError, match=Rule._meta.db_table):
        tick()
    # What comes before it and what comes after it.
    assert Check.objects.get(slug="host-gone").state == "down"
    assert not Sample.objects.filter(at=at).exists()
    ping = Ping.objects.get(slug="tick")
    assert (ping.failing, ping.detail[:16]) == (True, "OperationalError")
    tick()
    assert Alert.objects.get().cause == "host-gone"
    # A tick looks at the one before it.
    check = Check.objects.get(slug="tick")
    assert (check.state, check.depends) == ("down", ["clock"])
    assert check.summary.startswith("Its last run failed: OperationalError")
    assert not Ping.objects.get(slug="tick").failing
    tick()
    assert Check.objects.get(slug="tick").state == "up"


@contextmanager
def away(model: type[Model]) -> Iterator[None]:
    """The database has lost a table for a while."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO away")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE away RENAME TO {table}")


def served() -> tuple[str, object]:
    """The mode of the clock, and the minute that it served last."""
    ping = Ping.objects.get(slug="clock")
    return turn.Holder.named(ping.by).mode, ping.started_at


def test_where_the_hosts_cron_keeps_time_each_tick_says_so(settings):
    scheduler = settings.PULSAR.scheduler.model_copy(update={"mode": "host"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
    jobs.declared.clear()
    begun = timezone.now().replace(microsecond=0)
    # Two minutes without a tick are a silence, after which it begins anew.
    for minutes in (0, 1, 2, 4):
        at = begun + timedelta(minutes=minutes)
        with time_machine.travel(at, tick=False):
            call_command("tick")
        assert served() == ("host", at)
    started = Event.objects.filter(kind="clock.started")
    assert list(started.values_list("about", "at")) == [
        ("clock host", begun),
        ("clock host", begun + timedelta(minutes=4)),
    ]
    assert not Outbox.objects.exists()


def test_a_tick_of_the_hosts_cron_makes_way_for_another_clock(settings):
    other = turn.Holder.me()._replace(pid=1)
    turn.take(other, timezone.now())
    tick()
    scheduler = settings.PULSAR.scheduler.model_copy(update={"mode": "host"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
    Ping.objects.filter(slug="tick").delete()
    with pytest.raises(CommandError, match="Another clock"):
        call_command("tick")
    assert not Ping.objects.filter(slug="tick").exists()
    assert served()[0] == "embedded"
