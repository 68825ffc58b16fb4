"""watch(): each start leaves a row, however its process ends."""

import os
import signal
import socket
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from conftest import eventually
from monitor.models import Job, Outbox, Ping, Skip, Start
from monitor.starts import process, vanished
from monitor.starts.watch import BY, WORKER, watch
from monitor.tests.machine import SECOND, job

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def prune(db) -> Job:
    return job("prune")


def forked(work: Callable[[], object]) -> int:
    """The number of a process that does this, with connections of its own."""
    connections.close_all()
    if pid := os.fork():
        return pid
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work()
    finally:
        os._exit(0)


def sleep_under_watch() -> None:
    with watch("prune"):
        signal.pause()


def at_work() -> Start | None:
    return Start.objects.filter(ended_at=None).first()


def how() -> tuple[str, int | None, str]:
    return Start.objects.values_list("outcome", "exit", "detail").get()


def test_a_start_says_where_it_works_and_how_it_ended(prune):
    with watch("prune") as seen:
        start = Start.objects.get()
        assert (start.host, start.pid) == (socket.gethostname(), os.getpid())
        assert (start.outcome, start.ended_at, start.by) == ("", None, "")
        assert process.alive(start)
        facts = process.facts(start)
        assert facts[:2] == (start.host, start.pid)
        assert facts.cpu > 0
        assert facts.memory > 1_000_000
        assert 0 < facts.age < 86_400
        seen.page("/showroom/storage/")
    start.refresh_from_db()
    assert (start.outcome, start.exit, start.page) == (
        "succeeded", 0, "/showroom/storage/",
    )  # fmt: skip
    assert 0 <= start.duration < 5
    assert start.at <= start.ended_at


def test_another_process_of_the_same_number_is_not_it(prune):
    with watch("prune"):
        start = Start.objects.get()
    start.process_at -= 60
    assert not process.alive(start)
    assert process.facts(start) is None


def test_what_works_elsewhere_is_not_looked_for_here(prune):
    start = Start(job="prune", host="elsewhere", pid=os.getpid())
    assert not process.alive(start)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("no disk"), ("failed", 1, "OSError: no disk")),
        (SystemExit(3), ("failed", 3, "SystemExit: 3")),
        (SystemExit("no"), ("failed", 1, "SystemExit: no")),
        (SystemExit(0), ("succeeded", 0, "")),
        (KeyboardInterrupt(), ("failed", 1, "KeyboardInterrupt: ")),
    ],
)
@pytest.mark.django_db(transaction=True)  # it closes what broke
def test_what_goes_on_its_way_is_noted(prune, error, told):
    with pytest.raises(type(error)), watch("prune"):
        raise error
    assert how() == told
    assert Ping.objects.get().failing == (told[0] == "failed")


def test_a_refusal_is_neither_a_success_nor_the_end_of_a_failure(prune):
    with watch("prune") as seen:
        seen.fail("Nothing could be read.")
    with watch("prune") as seen:
        seen.refuse("Another is at it.")
    outcomes = Start.objects.order_by("pk").values_list("outcome", "exit", "detail")
    assert list(outcomes) == [
        ("failed", 1, "Nothing could be read."),
        ("refused", 0, "Another is at it."),
    ]
    assert Ping.objects.get().failing
    assert [row.kind for row in Outbox.objects.all()] == ["job.failed"]


def test_what_stood_in_a_line_counts_its_time_from_its_place_on(prune):
    with watch("prune") as seen:
        begun = timezone.now()
        seen.begun -= 60
        seen.at_work()
    start = Start.objects.get()
    assert start.at >= begun
    assert start.duration < 30


@pytest.mark.parametrize("slug", ["tick", "sweep"])
def test_what_comes_each_minute_leaves_its_ping_only(db, slug):
    job("sweep", sweep=True)
    with watch(slug):
        pass
    assert not Start.objects.exists()
    assert Ping.objects.get().slug == slug


def test_who_started_it_is_kept(prune, monkeypatch):
    monkeypatch.setenv(BY, "7")
    with watch("prune"):
        pass
    with watch("prune", by=WORKER):
        pass
    assert list(Start.objects.order_by("pk").values_list("by", flat=True)) == [
        "7",
        "a worker",
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_killed_has_vanished(prune):
    pid = forked(sleep_under_watch)
    start = eventually(at_work)
    assert start.pid == pid
    assert vanished.close(timezone.now()) == [start]
    os.kill(pid, signal.SIGKILL)
    # Nobody has asked for its end yet: it is in the table of processes still.
    eventually(lambda: not process.alive(start))
    for _ in range(2):
        assert vanished.close(timezone.now()) == []
    os.waitpid(pid, 0)
    assert how() == ("failed", None, vanished.VANISHED)
    assert [row.kind for row in Outbox.objects.all()] == ["job.failed"]


@pytest.mark.django_db(transaction=True)
def test_what_is_told_to_stop_says_so(prune):
    pid = forked(sleep_under_watch)
    eventually(at_work)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    assert how() == ("failed", 143, "It was told to stop.")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_worker_sees_itself_to_what_it_is_told(prune):
    """Its process goes on to other work, and Celery ends it."""
    with watch("prune", by=WORKER):
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    with watch("prune"):
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.fixture
def skipped(person) -> Skip:
    """A moment a few seconds ago that ana wanted left out."""
    slot = timezone.now().replace(second=0, microsecond=0)
    return Skip.objects.create(
        job="prune", slot=slot, who=person("operator", "ana").pk, reason="the disk"
    )


@pytest.fixture
def hourly(skipped) -> Job:
    return job("prune", f"{skipped.slot.minute} * * * *")


def test_a_moment_that_was_to_be_left_out_is(hourly, capsys):
    call_command("prune")
    assert capsys.readouterr().out == "Left out by ana: the disk\n"
    assert how() == ("refused", 0, "Left out by ana: the disk")


def test_who_wants_it_now_is_not_left_out(hourly, monkeypatch):
    monkeypatch.setenv(BY, "7")
    with watch("prune") as seen:
        assert not seen.is_left_out()
    assert how()[0] == "succeeded"


def test_the_moment_after_one_that_was_left_out_is_served(skipped):
    job("prune", "* * * * *")
    Skip.objects.update(slot=skipped.slot - 60 * SECOND)
    with watch("prune") as seen:
        assert not seen.is_left_out()
