"""start(): a person has a job start at once, once."""

import json
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from conftest import eventually
from monitor.models import Job, Lease, Outbox, Start
from monitor.starts import launch, process
from monitor.starts.launch import NotStarted, start
from monitor.tests.machine import job, ran

pytestmark = pytest.mark.django_db

# It needs no database, and is over at once.
HARMLESS = ["--version"]


@pytest.fixture
def prune(db) -> Job:
    return job(argv=HARMLESS)


@pytest.fixture
def ana(person):
    return person("operator", "ana")


@pytest.fixture
def ben(person):
    return person("operator", "ben")


def told() -> list[tuple]:
    rows = Outbox.objects.order_by("pk")
    return list(rows.values_list("kind", "about", "who", "detail"))


def refused(job: Job, by) -> str:
    with pytest.raises(NotStarted) as error:
        start(job, by)
    return str(error.value)


def says(tmp_path: Path) -> tuple[list[str], Path]:
    """A command that says how it was started."""
    file = tmp_path / "said"
    code = (
        "import json, os, pathlib, sys;"
        "said = [sys.argv[-2:], os.getsid(0) == os.getpid(), dict(os.environ)];"
        f"file = pathlib.Path({str(file)!r});"
        "file.with_suffix('.new').write_text(json.dumps(said));"
        "file.with_suffix('.new').rename(file)"
    )
    return ["shell", "--command", code], file


@pytest.mark.parametrize("mode", ["embedded", "host"])
def test_the_command_of_its_line_is_started_apart(ana, tmp_path, settings, mode):
    scheduler = settings.PULSAR.scheduler.model_copy(update={"mode": mode})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
    argv, file = says(tmp_path)
    start(job(argv=argv, at_once=["--verbosity", "0"]), ana, " the\ndisk is full ")
    words, alone, environ = json.loads(eventually(file.exists) and file.read_text())
    assert (words, alone) == (["--verbosity", "0"], True)
    assert environ["PULSARSITE_STARTED_BY"] == str(ana.pk)
    assert environ["CONFIG_FILE"] == str(settings.CONFIG_FILE)
    assert ("PYTEST_CURRENT_TEST" in environ) == (mode == "embedded")
    assert environ["PATH"] == (
        os.environ["PATH"] if mode == "embedded" else "/usr/bin:/bin"
    )
    why = {"reason": "the disk is full"}
    assert told() == [("job.started", "job prune", str(ana.pk), why)]


@pytest.mark.engines
def test_the_second_press_is_told_who_was_first(prune, ana, ben):
    start(prune, ana)
    assert refused(prune, ben) == "ana has started prune a moment ago."
    assert len(told()) == 1


def test_once_it_has_begun_and_ended_it_may_start_again(prune, ana, ben):
    start(prune, ana)
    ran("prune", timezone.now())
    assert refused(prune, ben) == "ana has started prune a moment ago."
    Lease.objects.update(until=F("until") - timedelta(seconds=11))
    start(prune, ben)
    assert [who for _, _, who, _ in told()] == [str(ana.pk), str(ben.pk)]


def test_what_never_began_may_start_again_after_a_while(prune, ana):
    start(prune, ana)
    Lease.objects.update(until=timezone.now())
    start(prune, ana)
    assert len(told()) == 2


def test_a_lease_made_by_who_looked_at_the_clock_later_holds_nobody_up(prune, ana):
    launch._lease(prune, timezone.now() + timedelta(seconds=1))
    start(prune, ana)
    assert len(told()) == 1


def test_a_lease_of_the_future_holds_nobody_up(prune, ana):
    start(prune, ana)
    Lease.objects.update(until=timezone.now() + timedelta(days=1))
    start(prune, ana)
    assert len(told()) == 2


def test_while_it_is_at_work_it_is_refused(prune, ana, ben):
    Start.objects.create(
        job="prune", by=str(ana.pk), host=process.here(), pid=os.getpid(),
        at=timezone.now() - timedelta(minutes=2),
    )  # fmt: skip
    where = f"process {os.getpid()} on {process.here()}."
    assert refused(prune, ben) == (
        f"prune has been at work for 2 min 00 s, started by ana: {where}"
    )
    Start.objects.update(host="elsewhere")
    assert refused(prune, ben).endswith(" on elsewhere.")
    Start.objects.update(at=timezone.now() - timedelta(hours=2))
    start(prune, ben)
    assert len(told()) == 1


def test_what_has_vanished_is_not_at_work(prune, ana):
    Start.objects.create(job="prune", host=process.here(), pid=4_000_000)
    Start.objects.update(at=timezone.now() - timedelta(minutes=2))
    start(prune, ana)
    assert len(told()) == 1


def test_what_the_tick_does_itself_is_refused(ana):
    sweep = job("sweep_runs", sweep=True)
    assert refused(sweep, ana) == (
        "sweep_runs is part of the tick, which comes each minute."
    )


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_starts_it(prune, ana, ben):
    refusals, ready = [], threading.Barrier(2)

    def press(who) -> None:
        ready.wait()
        try:
            start(prune, who)
        except NotStarted as error:
            refusals.append((who.username, str(error)))
        finally:
            connection.close()

    both = [threading.Thread(target=press, args=[who]) for who in (ana, ben)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    [(_, _, who, _)] = told()
    first, second = (ana, ben) if who == str(ana.pk) else (ben, ana)
    assert refusals == [
        (second.username, f"{first.username} has started prune a moment ago.")
    ]
