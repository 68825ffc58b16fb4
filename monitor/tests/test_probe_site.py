"""Databases, broker, clock, outbox, storage, machine: each read as it really is."""

import os
import shutil
import sqlite3
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from conftest import free_port
from monitor import room
from monitor.clock import turn
from monitor.events import record
from monitor.models import Check, Mean, Outbox, Ping
from monitor.probes import broker, clock, databases, machine, outbox, tick
from monitor.probes.reading import Reading
from monitor.probes.storage import look as look_at_storage
from monitor.workers import workers

pytestmark = pytest.mark.django_db

NOW = timezone.now()
UP, DOWN, NEW = Check.State.UP, Check.State.DOWN, Check.State.NEW


def steps(reading: Reading) -> list[tuple[str, str]]:
    """The steps with what went wrong; each has its time."""
    found = reading.detail["steps"]
    assert all(step["seconds"] >= 0 for step in found)
    return [(step["step"], step["error"]) for step in found]


@pytest.fixture
def elsewhere():
    """Another database behind the name `events`."""
    kept = connections["events"]
    connections["events"] = connections.create_connection("events")

    def use(path: Path) -> None:
        connections["events"].settings_dict = kept.settings_dict | {"NAME": str(path)}

    yield use
    connections["events"].close()
    connections["events"] = kept


def test_each_database_is_connected_to_and_asked():
    for probe in databases.probes():
        reading = probe.look()
        assert (reading.state, steps(reading)) == (
            UP,
            [("connect", ""), ("query", "")],
        )
        assert reading.summary.startswith("connect ")
        assert reading.detail["engine"] == "sqlite"
    slugs = [probe.slug for probe in databases.probes()]
    assert slugs == ["database-default", "database-events"]


def test_a_database_that_is_gone_is_down_and_not_made_anew(elsewhere, tmp_path):
    gone = tmp_path / "gone.sqlite3"
    elsewhere(gone)
    reading = databases.look("events")
    words = f"there is no file {gone}"
    assert (reading.state, reading.summary) == (DOWN, f"connect: {words}")
    assert steps(reading) == [("connect", words)]
    assert not gone.exists()


def test_a_database_without_our_tables_is_down_in_the_drivers_words(
    elsewhere, tmp_path
):
    sqlite3.connect(tmp_path / "empty.sqlite3").close()
    elsewhere(tmp_path / "empty.sqlite3")
    reading = databases.look("events")
    words = "no such table: monitor_event"
    assert (reading.state, reading.summary) == (DOWN, f"query: {words}")
    assert steps(reading) == [("connect", ""), ("query", words)]


@pytest.fixture
def transport():
    """Give the site another broker."""
    conf = workers().conf
    kept = conf.broker_url, conf.broker_transport_options

    def use(url: str, **options: str) -> None:
        workers().conf.broker_url = url
        workers().conf.broker_transport_options = options

    yield use
    conf.broker_url, conf.broker_transport_options = kept


def test_folders_that_carry_messages_are_written_to(transport, tmp_path):
    folders = ("data_folder_in", "data_folder_out", "control_folder")
    options = {name: str(tmp_path / name) for name in folders}
    for folder in options.values():
        Path(folder).mkdir()
    transport("filesystem://localhost", **options)
    reading = broker.look()
    assert (reading.state, steps(reading)) == (UP, [("write", "")])
    assert not [*tmp_path.glob("*/*")]
    (tmp_path / "control_folder").rmdir()
    reading = broker.look()
    [(_, words)] = steps(reading)
    assert (reading.state, reading.summary) == (DOWN, f"write: {words}")
    assert "No such file or directory" in words


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_refuses_is_down(transport, scheme):
    transport(f"{scheme}://somebody:geheim@127.0.0.1:{free_port()}/0")
    reading = broker.look()
    [(step, words)] = steps(reading)
    assert (reading.state, step, reading.summary) == (
        DOWN,
        "connect",
        f"connect: {words}",
    )
    assert "refused" in words
    assert "geheim" not in str(reading)


def signed(minutes: float) -> Reading:
    """How the clock is found, so long after its last sign of life."""
    return clock.look(NOW + timedelta(minutes=minutes))


def test_a_clock_is_judged_by_its_last_sign_of_life():
    assert signed(0) == Reading(NEW, "No clock has given a sign of life yet.")
    me = turn.Holder.me()
    turn.take(me, NOW)
    turn.sign(me, NOW, NOW)
    detail = {
        "last_ping": NOW.isoformat(),
        "served": NOW.isoformat(),
        "mode": "embedded",
        "host": me.host,
        "pid": me.pid,
    }
    assert signed(1) == Reading(UP, "last sign of life 1 min 00 s ago", detail)
    assert signed(2).state == UP
    words = "No sign of life for 3 min 00 s."
    assert signed(3) == Reading(DOWN, words, detail, since=NOW)
    turn.leave(me)
    left = detail | {"mode": "none"}
    del left["host"], left["pid"]
    assert signed(3) == Reading(DOWN, words, left, since=NOW)


def test_a_site_that_was_stopped_says_nothing_against_its_tick():
    Ping.objects.create(slug="tick", started_at=NOW, succeeded_at=NOW, duration=1)
    check = Check.objects.create(slug="tick", kind=Check.Kind.CLOCK, looked_at=NOW)
    later = NOW + timedelta(minutes=15)
    assert tick.look(later).state == UP
    # Looked at all the while, it is one that begins and does not end.
    check.looked_at = later - timedelta(minutes=1)
    check.save()
    ended = "It ended last 15 min 00 s ago."
    assert (tick.look(later).state, tick.look(later).summary) == (DOWN, ended)


def wait(minutes: float) -> None:
    """An event that has waited for so long."""
    record("clock.started")
    newest = Outbox.objects.latest("pk")
    Outbox.objects.filter(pk=newest.pk).update(at=NOW - timedelta(minutes=minutes))


def test_the_outbox_is_measured_by_its_length_and_its_oldest():
    assert outbox.look(NOW) == Reading(
        UP,
        "nothing waits",
        {"waiting": 0, "oldest": None},
        figures={"outbox.waiting": 0, "outbox.age": 0},
    )
    wait(1)
    assert outbox.look(NOW).summary == "1 event waits, for 1 min 00 s"
    wait(9)
    oldest = (NOW - timedelta(minutes=9)).isoformat()
    assert outbox.look(NOW) == Reading(
        UP,
        "2 events wait, the oldest for 9 min 00 s",
        {"waiting": 2, "oldest": oldest},
        figures={"outbox.waiting": 2, "outbox.age": 540},
    )


def test_an_outbox_in_which_something_is_stuck_is_down():
    wait(10)
    assert outbox.look(NOW).state == UP
    wait(10.1)
    assert outbox.look(NOW).state == DOWN


def test_an_event_of_a_clock_that_was_put_back_is_not_old():
    wait(-60)
    assert outbox.look(NOW).figures == {"outbox.waiting": 1, "outbox.age": 0}


def test_a_storage_is_written_to_and_measured(storage):
    settings_root = settings.PULSAR.storage.root
    reading = look_at_storage(NOW)
    disk = shutil.disk_usage(settings_root)
    assert (reading.state, steps(reading)) == (UP, [("write", ""), ("measure", "")])
    assert reading.detail["total"] == disk.total
    assert reading.detail["reserve"] == settings.PULSAR.storage.reserve_bytes
    assert set(reading.figures) == {"storage.free", "storage.used"}
    assert 0 < reading.figures["storage.used"] < 1
    assert reading.figures["storage.free"] == reading.detail["free"]
    assert "growth_per_day" not in reading.detail
    assert [*storage.iterdir()] == []


def test_a_storage_below_its_reserve_is_down(settings):
    wanted = settings.PULSAR.storage.model_copy(update={"reserve_bytes": 2**60})
    settings.PULSAR = settings.PULSAR.model_copy(update={"storage": wanted})
    reading = look_at_storage(NOW)
    assert reading.state == DOWN
    assert reading.summary.startswith("The disk is full: 1024.0\N{NO-BREAK SPACE}PB")


def test_a_storage_that_takes_nothing_is_down(storage):
    storage.rmdir()
    reading = look_at_storage(NOW)
    [(step, words)] = steps(reading)
    assert (reading.state, step) == (DOWN, "write")
    assert "No such file or directory" in words


def test_the_growth_is_that_of_the_last_week():
    free = room.free()
    for days, more in ((9, 90), (4, 8), (1, 1)):
        Mean.objects.create(
            name="storage.free",
            span=600,
            at=NOW - timedelta(days=days),
            n=1,
            **dict.fromkeys(("value", "least", "most", "last"), free + more * 2**30),
        )
    detail = look_at_storage(NOW).detail
    # Others write to this disk too.
    assert detail["growth_per_day"] == pytest.approx(2 * 2**30, rel=0.2)
    days_left = detail["free"] / detail["growth_per_day"]
    assert detail["days_left"] == pytest.approx(days_left, abs=0.1)


def test_a_disk_that_becomes_emptier_is_never_full():
    Mean.objects.create(
        name="storage.free",
        span=600,
        at=NOW - timedelta(days=1),
        n=1,
        **dict.fromkeys(("value", "least", "most", "last"), 0),
    )
    detail = look_at_storage(NOW).detail
    assert detail["growth_per_day"] < 0
    assert detail["days_left"] is None


Memory = namedtuple("Memory", "total available")
Swap = namedtuple("Swap", "total free")


def with_memory(monkeypatch, available: int, swap_free: int, swap: int = 100):
    """A machine with so much of 1,000 bytes left."""
    memory = Memory(1000, available)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(psutil, "swap_memory", lambda: Swap(swap, swap_free))
    return machine.look()


def test_a_machine_is_measured():
    reading = machine.look()
    assert reading.state == UP
    cores = psutil.cpu_count()
    assert reading.detail["cores"] == cores
    load = os.getloadavg()[0] / cores
    assert reading.figures["machine.load"] == pytest.approx(load, abs=0.5)
    assert set(reading.figures) == {"machine.load", "machine.memory", "machine.cpu"}
    assert 0 <= reading.figures["machine.cpu"] <= 1
    assert 0 < reading.figures["machine.memory"] < 1
    assert reading.detail["uptime"] > 0


def test_a_machine_is_down_only_when_memory_and_swap_are_nearly_used_up(monkeypatch):
    assert with_memory(monkeypatch, 30, 0).state == UP
    assert with_memory(monkeypatch, 29, 11).state == UP
    assert with_memory(monkeypatch, 29, 0, swap=0).state == DOWN
    reading = with_memory(monkeypatch, 29, 10)
    assert reading.state == DOWN
    left = "29\N{NO-BREAK SPACE}bytes left"
    assert reading.summary.startswith(f"Memory is nearly used up: {left}. load ")
    assert reading.figures["machine.memory"] == pytest.approx(0.971)


Times = namedtuple("Times", "user idle iowait guest")


def test_the_processor_is_measured_from_one_look_to_the_next(monkeypatch):
    before = {"processor": {"busy": 100.0, "total": 1000.0}}
    Check.objects.create(slug="machine", kind="machine", name="M", detail=before)
    # What a guest took stands in the user's time as well.
    times = Times(user=130, idle=900, iowait=30, guest=10)
    monkeypatch.setattr(psutil, "cpu_times", lambda: times)
    reading = machine.look()
    assert reading.figures["machine.cpu"] == 0.5
    assert reading.detail["processor"] == {"busy": 130, "total": 1060}


def test_after_a_new_start_of_the_machine_a_moment_is_measured(monkeypatch):
    before = {"processor": {"busy": 100.0, "total": 1000.0}}
    Check.objects.create(slug="machine", kind="machine", name="M", detail=before)
    monkeypatch.setattr(psutil, "cpu_times", lambda: Times(1, 9, 0, 0))
    monkeypatch.setattr(psutil, "cpu_percent", lambda seconds: 25.0)
    assert machine.look().figures["machine.cpu"] == 0.25
