"""tick(): the pump and every sweep have their turn."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from monitor import jobs, samples
from monitor.clock import turn
from monitor.events import record
from monitor.leases import hold
from monitor.models import Event, Outbox, Ping, Sample
from monitor.tick import tick

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
    states = Ping.objects.order_by("slug").values_list("slug", "failing")
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


def test_the_outbox_is_measured_and_old_figures_are_forgotten():
    at = timezone.now()
    samples.put("outbox.waiting", 5, at=at - samples.KEPT - timedelta(minutes=1))
    tick()
    # The failure of this very tick waits for the next one.
    assert list(Sample.objects.values_list("name", "value")) == [("outbox.waiting", 1)]


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
