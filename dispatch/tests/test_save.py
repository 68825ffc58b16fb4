"""A schedule is made and changed together with its job, its ledger and its event."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils.timezone import now

from dispatch.models import Schedule, Slot
from dispatch.schedules.remove import remove
from dispatch.schedules.save import Overtaken, SlugTaken, change, create
from dispatch.slots import ledger
from dispatch.tests.pages import unwritable
from monitor.crontab import lines
from monitor.crontab.lines import CrontabError
from monitor.models import Job, Outbox, Skip
from monitor.switching import switch

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
VALUES = {
    "slug": "nightly",
    "name": "Nightly",
    "cron": "0 2 * * *",
    "source": {"kind": "folder", "folder": "/data"},
    "sink": {"kind": "scores"},
}


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", zone="UTC")


@pytest.fixture
def made(admin):
    return create(VALUES, by=admin)


def test_a_new_schedule_has_its_job_its_line_and_its_event(made, admin):
    job = Job.objects.values().get(slug="dispatch-nightly")
    del job["id"]
    made_at = job.pop("since")
    assert made_at <= now()
    assert job == {
        "slug": "dispatch-nightly",
        "cron": "0 2 * * *",
        "argv": ["dispatch_run", "nightly"],
        "page": "/dispatch/nightly/",
        "sweep": False,
        "start_within": 300,
        "finish_within": 3600,
        "built_in": False,
        "at_once": ["--now"],
    }
    assert lines.found()["dispatch-nightly"].state == "on"
    event = Outbox.objects.get(kind="schedule.created")
    assert (event.about, event.who) == ("schedule nightly", str(admin.pk))
    assert event.detail == {
        "cron": "0 2 * * *",
        "source": {"kind": "folder", "folder": "/data"},
        "sink": {"kind": "scores"},
        "reference": "pulsar@champion",
    }


def test_a_slug_is_given_once(made, admin):
    with pytest.raises(SlugTaken, match="There is a schedule nightly already"):
        create(VALUES | {"name": "Other"}, by=admin)
    assert Outbox.objects.filter(kind="schedule.created").count() == 1


def test_a_slug_of_a_removed_schedule_begins_switched_on(made, admin):
    job = Job.objects.get(slug=made.job)
    switch.skip_next(job, by=admin)
    switch.pause(job, by=admin, reason="Beam down")
    remove(made, by=admin)
    create(VALUES, by=admin)

    assert lines.found()[made.job].state == "on"
    assert switch.last(made.job).on
    assert not Skip.objects.exists()


def test_a_change_is_told_with_what_is_new_and_gives_the_line(made, admin):
    changed = change(made, {"cron": "0 3 * * *", "name": "Nightly"}, 1, by=admin)

    made.refresh_from_db()
    assert changed == ["cron"]
    assert (made.cron, made.revision) == ("0 3 * * *", 2)
    assert Job.objects.get(slug=made.job).cron == "0 3 * * *"
    assert lines.found()[made.job].line.startswith("0 3 * * * ")
    event = Outbox.objects.get(kind="schedule.changed")
    assert (event.about, event.who) == ("schedule nightly", str(admin.pk))
    assert event.detail == {"cron": "0 3 * * *"}


def test_slots_until_a_change_are_those_of_the_old_times(admin):
    with time_machine.travel(AT, tick=False):
        made = create(VALUES | {"cron": "0 * * * *"}, by=admin)
    with time_machine.travel(AT + timedelta(hours=2), tick=False):
        change(made, {"cron": "45 * * * *"}, 1, by=admin)

    assert list(Slot.objects.order_by("at").values_list("at", flat=True)) == [
        AT + timedelta(minutes=30),
        AT + timedelta(minutes=90),
    ]
    made.refresh_from_db()
    assert made.ledger_until == AT + timedelta(hours=2)


def test_who_comes_second_changes_nothing(made, admin):
    change(made, {"retries": 5}, 1, by=admin)
    with pytest.raises(Overtaken):
        change(made, {"retries": 9}, 1, by=admin)

    made.refresh_from_db()
    assert (made.retries, made.revision) == (5, 2)
    assert Outbox.objects.filter(kind="schedule.changed").count() == 1


def test_who_comes_second_by_a_moment_changes_nothing(made, admin, monkeypatch):
    def somebody_saves(schedule, at):
        Schedule.objects.update(revision=2, retries=5)

    monkeypatch.setattr(ledger, "fill", somebody_saves)
    with pytest.raises(Overtaken):
        change(made, {"retries": 9}, 1, by=admin)


def test_a_change_of_nothing_is_none(made, admin):
    assert change(made, {"retries": 2, "cron": "0 2 * * *"}, 1, by=admin) == []

    made.refresh_from_db()
    assert made.revision == 1
    assert not Outbox.objects.filter(kind="schedule.changed").exists()


def test_what_was_removed_is_not_changed(made, admin):
    remove(made, by=admin)
    with pytest.raises(Overtaken):
        change(made, {"retries": 9}, 1, by=admin)


def test_a_paused_schedule_stays_paused_when_it_is_changed(made, admin):
    switch.pause(Job.objects.get(slug=made.job), by=admin, reason="Beam down")
    change(made, {"cron": "0 3 * * *"}, 1, by=admin)

    assert lines.found()[made.job].state == "off"


def test_a_crontab_that_cannot_be_written_takes_nothing_back(admin, storage):
    unwritable(storage)
    with pytest.raises(CrontabError):
        create(VALUES, by=admin)
    made = Schedule.objects.get()
    assert lines.found()[made.job].state == "missing"

    unwritable(storage)
    with pytest.raises(CrontabError):
        change(made, {"cron": "0 3 * * *"}, 1, by=admin)
    made.refresh_from_db()
    assert made.cron == "0 3 * * *"
    assert made.changed_at <= now()
