"""What waits is started one at a time, and the whole ledger is kept by each sweep."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from django.utils.module_loading import import_string

from dispatch.models import Run, Schedule, Slot
from dispatch.runs.start import start
from dispatch.runs.waiting import start_waiting
from dispatch.slots import ledger
from dispatch.slots.keep import keep
from dispatch.tests.expected import outcomes, planned, ticked, told, utc
from monitor.models import Outbox, Switch
from monitor.tick import tick

pytestmark = pytest.mark.django_db
engines = pytest.mark.engines

START = utc("2026-03-01 00:30")
NOON = utc("2026-03-01 12:00")


def sweep(at) -> None:
    """What `manage.py keep_slots` does at this moment."""
    keep(at)
    start_waiting(at)


@pytest.fixture(autouse=True)
def zone(reconfigured, mailbox):
    reconfigured("scheduler", mode="embedded", zone="UTC")


def waiting(slug: str = "nightly", **values: object) -> Schedule:
    """An hourly schedule with three slots that wait."""
    schedule = planned(START, slug, **({"catch_up": "all"} | values))
    ledger.fill(schedule, utc("2026-03-01 03:00"))
    schedule.slots.update(outcome="waiting", evidence="It was missed.")
    return schedule


def end(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(open=None, state="success")


@engines
def test_the_oldest_runs_first_and_the_next_when_its_run_has_ended(mailbox):
    schedule = waiting()
    for hour in (1, 2, 3):
        (run,) = start_waiting(NOON)
        assert start_waiting(NOON) == []
        assert (run.trigger, run.state, run.slot.at.hour) == (
            "catch-up",
            "queued",
            hour,
        )
        assert mailbox() == [(run.pk, "heavy")]
        end(run)
    assert start_waiting(NOON) == []
    assert told(schedule)[0] == (
        "01 01:00",
        "late",
        "It was missed. Started 11 h 00 min after its time.",
    )
    assert outcomes(schedule) == ["late"] * 3


@engines
def test_by_the_policy_last_the_run_serves_all_that_waited():
    schedule = waiting(catch_up="last")
    schedule.slots.filter(at__lt=utc("2026-03-01 03:00")).update(outcome="missed")
    (run,) = start_waiting(NOON)
    assert run.slot.at == utc("2026-03-01 03:00")
    assert outcomes(schedule) == ["missed", "missed", "late"]


@engines
def test_a_slot_that_waited_for_a_run_to_end_has_its_turn_then():
    schedule = planned(START, concurrency="Queue")
    first = start(schedule, trigger=Run.Trigger.CLOCK, at=utc("2026-03-01 01:00"))
    for hour in (2, 3):
        refused = start(schedule, trigger="clock", at=utc(f"2026-03-01 0{hour}:00"))
        assert refused.state == "skipped"
    assert outcomes(schedule) == ["ran", "superseded", "waiting"]
    assert start_waiting(utc("2026-03-01 03:01")) == []
    end(first)
    (run,) = start_waiting(utc("2026-03-01 03:01"), schedule)
    assert (run.trigger, run.state) == ("waited", "queued")
    assert outcomes(schedule) == ["ran", "superseded", "ran"]


@engines
@pytest.mark.parametrize("catch_up", ["none", "last"])
def test_a_slot_that_the_clock_starts_nothing_for_beside_its_last_run_waits_too(
    catch_up, time_machine
):
    """The embedded clock starts no line whose last process is still at it."""
    time_machine.move_to(utc("2026-03-01 01:00"), tick=False)
    schedule = planned(START, concurrency="Queue", catch_up=catch_up)
    first = start(schedule, trigger=Run.Trigger.CLOCK)
    for hour in (2, 3):
        sweep(utc(f"2026-03-01 0{hour}:01"))
    assert outcomes(schedule) == ["ran", "superseded", "waiting"]
    assert told(schedule)[2][2] == (
        f"Run {first.pk} was open since 2026-03-01 01:00 UTC."
    )
    ended_at = utc("2026-03-01 03:02")
    Run.objects.update(open=None, state="success", finished_at=ended_at)
    (run,) = start_waiting(ended_at)
    assert (run.trigger, run.slot.at.hour) == ("waited", 3)
    assert not Outbox.objects.filter(kind="slot.missed").exists()


@engines
def test_nothing_is_started_of_schedules_that_are_paused_removed_or_others():
    paused, removed, other = waiting(), waiting("removed"), waiting("other")
    Schedule.objects.filter(pk=removed.pk).update(live=None)
    Switch.objects.create(at=START, job=paused.job, on=False, who="hand edit")
    assert start_waiting(NOON, paused) == []
    assert [run.schedule for run in start_waiting(NOON)] == [other]


@engines
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("dispatch.slots.keep.settle", "The slots of schedule broken cannot be kept"),
        ("dispatch.runs.waiting.start", "of schedule broken cannot start"),
    ],
)
def test_a_schedule_that_cannot_be_kept_or_started_stops_no_other(
    place, words, caplog, monkeypatch
):
    waiting("broken")
    waiting("sound")
    whole = import_string(place)

    def breaks(schedule: Schedule, *given: object, **named: object) -> object:
        assert schedule.slug != "broken"
        return whole(schedule, *given, **named)

    monkeypatch.setattr(place, breaks)
    sweep(utc("2026-03-01 03:30"))
    assert words in caplog.text
    runs = Run.objects.filter(schedule__slug="sound")
    assert [run.slot.at.hour for run in runs] == [1]


@engines
def test_a_night_without_the_host_is_made_good_by_a_single_look():
    ticked(START, utc("2026-03-01 00:58"))
    schedule = planned(START, catch_up="last")
    sweep(utc("2026-03-01 05:30"))
    assert outcomes(schedule) == [*["superseded"] * 4, "late"]
    run = Run.objects.get()
    assert (run.slot.at, run.trigger) == (utc("2026-03-01 05:00"), "catch-up")


@engines
def test_a_gap_is_judged_when_it_is_known_whole(monkeypatch):
    monkeypatch.setattr(ledger, "MOST", 5)
    schedule = planned(START, catch_up="last")
    sweep(NOON)
    assert outcomes(schedule) == ["due"] * 5
    sweep(NOON)
    sweep(NOON)
    assert outcomes(schedule) == [*["superseded"] * 10, "late", "due"]


@engines
def test_two_hundred_schedules_with_nothing_to_do_cost_a_handful_of_queries(
    django_assert_max_num_queries,
):
    at = timezone.now()
    for n in range(200):
        schedule = planned(at - timedelta(minutes=5), f"s{n}", cron="0 0 29 2 *")
        Slot.objects.create(schedule=schedule, at=at - timedelta(days=1), outcome="ran")
    with django_assert_max_num_queries(3):
        sweep(at)


def test_the_tick_leaves_the_sign_that_proves_the_clock_alive(time_machine):
    for minute in range(3):
        time_machine.move_to(utc("2026-03-01 00:59") + timedelta(minutes=minute))
        tick()
    schedule = planned(START, catch_up="none")
    sweep(utc("2026-03-01 01:30"))
    alive = "The clock was alive, but nothing started it."
    assert told(schedule) == [("01 01:00", "missed", alive)]


@pytest.mark.django_db(transaction=True)
def test_two_keepers_at_once_write_and_start_everything_once(tmp_path):
    """Processes on files, as the tick and the clock's own sweeps are."""
    since = timezone.now() - timedelta(hours=30)
    planned(since, "all", cron="* * * * *", catch_up="all", catch_up_most=3)
    planned(since, "last", cron="*/5 * * * *", catch_up="last")
    (tmp_path / "config.yaml").write_text("storage: {root: storage}\n")
    for alias in ("default", "events"):
        copy(alias, tmp_path / "storage" / f"{alias}.sqlite3")

    keepers = [keeper(tmp_path) for _ in range(2)]
    assert [process.wait(60) for process in keepers] == [0, 0]

    ((slots, different),) = ask(
        tmp_path,
        "SELECT COUNT(*), COUNT(DISTINCT schedule_id || at) FROM dispatch_slot",
    )
    assert slots == different
    assert slots in range(1800 + 360, 1800 + 360 + 4)
    opened = "SELECT COUNT(*), COUNT(DISTINCT schedule_id) FROM dispatch_run"
    assert ask(tmp_path, f"{opened} WHERE open = 1") == [(2, 2)]
    told = "SELECT COUNT(*) FROM monitor_outbox WHERE kind = 'slot.missed'"
    assert ask(tmp_path, told) == [(2,)]


def copy(alias: str, path: Path) -> None:
    """Bring a database of the test into a file, where other processes see it."""
    connections[alias].ensure_connection()
    with closing(sqlite3.connect(path)) as file:
        connections[alias].connection.backup(file)
        file.execute("PRAGMA journal_mode=WAL")


def keeper(folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "keep_slots"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CONFIG_FILE": str(folder / "config.yaml")},
    )


def ask(folder: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(folder / "storage" / "default.sqlite3")) as file:
        return file.execute(question).fetchall()
