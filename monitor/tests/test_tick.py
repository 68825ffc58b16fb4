"""tick(): the pump and every sweep have their turn."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from monitor import jobs, samples
from monitor.events import record
from monitor.leases import hold
from monitor.models import Event, Ping, Sample
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
