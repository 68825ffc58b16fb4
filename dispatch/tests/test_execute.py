"""A run collects, loads, infers and persists; each step is told as it happens."""

from datetime import timedelta
from multiprocessing import RawValue

import pytest
from celery.signals import worker_shutting_down
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils.timezone import now

from dispatch.models import Run, Schedule, Slot
from dispatch.runs.beat import Beat
from dispatch.runs.execute import execute
from dispatch.runs.line import take_place
from dispatch.runs.tail import path
from dispatch.tasks import execute_run
from dispatch.tests.conftest import arrive, begin, go, kinds
from monitor import claims, crash, ending, logs
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from registry.models import Alias, Version
from showroom.models import Batch

pytestmark = pytest.mark.django_db


def expire(run: Run) -> None:
    """Let the lease of a dead worker run out, and the sweep find it."""
    Run.objects.filter(pk=run.pk).update(lease_until=now() - timedelta(seconds=1))
    call_command("sweep_runs")


class Killed(BaseException):
    """A process that is gone from one line to the next."""


def killed() -> None:
    raise Killed


def test_a_run_takes_each_step_once_and_tells_it(schedule, folder, champion):
    run = go(begin(schedule))

    counts = (run.n_files, run.n_rows, run.n_scored, run.n_pulsars, run.n_rejected)
    assert (run.state, counts) == (State.SUCCESS, (1, 40, 40, 4, 0))
    assert (run.open, run.place, run.holder, run.lease_until) == (None, None, "", None)
    assert run.version == champion
    batch = run.batch
    assert (batch.state, batch.source, batch.run) == (State.SUCCESS, "dispatch", run.pk)
    assert (batch.version, batch.n_rows, batch.owner) == (champion, 40, schedule.owner)
    steps = run.steps.order_by("started_at")
    assert [(step.name, step.attempt, bool(step.finished_at)) for step in steps] == [
        ("collected", 1, True),
        ("loaded", 1, True),
        ("inferred", 1, True),
        ("persisted", 1, True),
    ]
    assert kinds(run, batch, schedule) == [
        "batch.collected",
        "run.started",
        "run.collected",
        "run.loaded",
        "batch.scored",
        "run.inferred",
        "run.persisted",
        "run.succeeded",
        "schedule.first_succeeded",
    ]
    inferred = Outbox.objects.get(kind="run.inferred").detail
    assert inferred.pop("seconds") >= 0
    assert inferred == {
        "schedule": "nightly",
        "rows": 40,
        "scored": 40,
        "pulsars": 4,
        "rejected": 0,
    }
    assert run.steps.get(name="inferred").detail["rows"] == 40
    assert "INFO Inferred: rows 40, scored 40, " in path(run).read_text()


def test_a_run_that_finds_nothing_new_tells_only_that_it_ended(schedule, folder):
    go(begin(schedule))
    run = go(begin(schedule))

    assert (run.state, run.batch, run.n_files, run.n_known) == (
        State.SUCCESS,
        None,
        0,
        1,
    )
    assert [step.name for step in run.steps.all()] == ["collected"]
    assert kinds(run) == ["run.succeeded"]
    assert not path(run).exists()


def test_its_log_holds_plain_lines_of_what_happened(schedule):
    run = go(begin(schedule))

    lines = path(run).read_text().splitlines()
    assert [line.split()[2] for line in lines] == ["INFO"] * len(lines)
    assert f"Model loaded: version {run.version}, seconds " in path(run).read_text()
    assert lines[-1].endswith("INFO Ended: success ")


def test_its_log_is_whole_where_little_else_is_logged(schedule, settings, capsys):
    before = settings.LOGGING["level"]
    logs.configure({"level": "ERROR"})
    try:
        run = go(begin(schedule))
    finally:
        logs.configure({"level": before})

    assert "INFO Data collected: files 1" in path(run).read_text()
    assert capsys.readouterr().err == ""


def test_a_log_that_is_full_says_so_and_grows_no_more(schedule, monkeypatch):
    monkeypatch.setattr("monitor.kept_log.MOST_BYTES", 300)
    run = go(begin(schedule))

    kept = path(run).read_text()
    assert len(kept) <= 300
    assert kept.endswith("\nThe log is full; what comes after is not kept.\n")


def test_a_run_keeps_to_the_version_it_began_with(schedule, at_part):
    other = Version.objects.exclude(aliases__name="champion").first()
    at_part(1, killed)
    run = begin(schedule)
    with pytest.raises(Killed):
        go(run)
    run.refresh_from_db()
    first = run.version
    Alias.objects.filter(name="champion").update(version=other)
    expire(run)
    go(run)

    assert other is not None
    assert (run.state, run.version, run.batch.version) == (State.SUCCESS, first, first)


def test_a_dead_run_is_taken_over_and_goes_on_after_its_last_part(
    schedule, at_part, mailbox
):
    at_part(2, killed)
    run = begin(schedule)
    with pytest.raises(Killed):
        go(run)
    # While its lease lasts it is left alone, and so is its place.
    assert sweep(Run) == []
    assert not execute(Run.objects.get(pk=run.pk))
    expire(run)
    assert mailbox() == [(run.pk, "heavy")]
    go(run)

    assert (run.state, run.n_scored, run.attempts) == (State.SUCCESS, 40, 2)
    chunks = run.batch.chunks.order_by("number")
    assert [chunk.first_row for chunk in chunks] == [1, 11, 21, 31]
    assert Batch.objects.count() == 1
    taken = kinds(run, run.batch)
    assert taken[4:7] == ["run.resumed", "run.loaded", "batch.resumed"]
    assert taken.count("run.started") == taken.count("run.collected") == 1
    assert [(step.name, step.attempt) for step in run.steps.order_by("pk")] == [
        ("collected", 1),
        ("loaded", 1),
        ("inferred", 1),
        ("loaded", 2),
        ("inferred", 2),
        ("persisted", 2),
    ]


def test_who_lost_the_run_writes_and_tells_no_more(schedule, at_part):
    run = begin(schedule)

    def overtaken():
        expire(run)
        go(run)

    at_part(2, overtaken)
    go(run)

    assert (run.state, run.n_scored) == (State.SUCCESS, 40)
    assert [c.first_row for c in run.batch.chunks.order_by("number")] == [1, 11, 21, 31]
    told = kinds(run, run.batch, schedule)
    assert [told.count(kind) for kind in ("run.succeeded", "batch.scored")] == [1, 1]


def test_a_run_that_kills_its_workers_is_given_up_with_its_batch(schedule, at_part):
    run = begin(schedule)
    at_part(1, killed)
    with pytest.raises(Killed):
        go(run)
    Run.objects.filter(pk=run.pk).update(attempts=3)
    expire(run)

    run.refresh_from_db()
    reason = "Given up: 3 workers died over it."
    assert (run.state, run.reason, run.open) == (State.FAILED, reason, None)
    assert (run.batch.state, run.batch.reason) == (State.FAILED, reason)
    assert kinds(run)[-1] == "run.failed"
    assert Schedule.objects.get().failing


def test_a_process_that_must_end_hands_its_run_to_a_worker(schedule, at_part, mailbox):
    run, asked = begin(schedule), []
    at_part(1, lambda: asked.append(True))
    assert execute(run, lambda: bool(asked))

    run.refresh_from_db()
    assert (run.state, run.attempts, run.place, run.open) == (
        State.QUEUED,
        0,
        None,
        True,
    )
    assert run.batch.chunks.count() == 1
    assert mailbox() == [(run.pk, "heavy")]
    go(run)
    assert (run.state, run.n_scored, run.attempts) == (State.SUCCESS, 40, 1)


def test_its_counts_grow_while_it_works(schedule, at_part, reconfigured):
    reconfigured("scheduler", lease_seconds=0)  # a beat for every part
    run, seen = begin(schedule), []
    at_part(3, lambda: seen.append(Run.objects.get(pk=run.pk).n_rows))
    go(run)

    assert (seen, run.n_rows) == ([20], 40)


def test_failure_recovery_and_first_success_are_told_once_each(schedule_over, folder):
    there = folder / "there"
    schedule = schedule_over(retries=0, source={"kind": "folder", "folder": str(there)})

    def end() -> str:
        return go(begin(schedule)).state

    states = [end(), end()]
    there.mkdir()
    states += [end(), end()]
    there.rmdir()
    states.append(end())
    there.mkdir()
    states += [end(), end()]

    bad, good = State.FAILED, State.SUCCESS
    assert states == [bad, bad, good, good, bad, good, good]
    assert kinds(schedule) == [
        "schedule.first_succeeded",
        "schedule.recovered",
        "schedule.recovered",
    ]
    assert Outbox.objects.filter(kind="run.failed").count() == 3


def test_new_files_of_a_folder_are_the_next_run_s(schedule, folder):
    go(begin(schedule))
    arrive(folder, "later.csv", 25, seed=7)
    run = go(begin(schedule))

    assert (run.n_files, run.n_rows, run.n_known) == (1, 25, 1)
    assert [file.name for file in run.batch.files.all()] == ["later.csv"]


def test_a_slot_that_waits_has_its_turn_when_the_run_ends(schedule_over, mailbox):
    at = now().replace(minute=0, second=0, microsecond=0)
    schedule = schedule_over(concurrency=Schedule.Concurrency.QUEUE, ledger_until=at)
    run = begin(schedule)
    slot = schedule.slots.create(at=at, outcome=Slot.Outcome.WAITING)
    go(run)

    second = Run.objects.latest("pk")
    assert (run.state, second.slot, second.state) == (
        State.SUCCESS,
        slot,
        State.QUEUED,
    )
    assert mailbox() == [(second.pk, "heavy")]


def test_a_batch_that_was_deleted_meanwhile_ends_its_run(schedule, at_part):
    at_part(1, killed)
    run = begin(schedule)
    with pytest.raises(Killed):
        go(run)
    Batch.objects.update(deleted_at=now())
    expire(run)
    go(run)

    assert (run.state, run.reason) == (State.FAILED, "Its batch was deleted.")


def test_a_batch_that_was_removed_for_good_meanwhile_ends_its_run(schedule, at_part):
    at_part(1, killed)
    run = begin(schedule)
    with pytest.raises(Killed):
        go(run)
    Batch.objects.all().delete()
    expire(run)
    go(run)

    assert (run.state, run.reason) == (
        State.FAILED,
        "Its batch was removed, and with it what it had read.",
    )


def test_a_worker_that_is_to_end_puts_its_run_back(schedule, at_part, monkeypatch):
    run = begin(schedule)
    monkeypatch.setattr(ending, "_told", RawValue("b", 0))
    at_part(1, lambda: worker_shutting_down.send(sender=None))
    execute_run.apply([run.pk])
    execute_run.apply([run.pk])

    run.refresh_from_db()
    assert (run.state, run.attempts, run.n_rows) == (State.QUEUED, 0, 0)
    assert run.batch.chunks.count() == 1


def test_a_worker_that_gets_its_number_does_the_run(schedule):
    run = begin(schedule)
    execute_run.apply([run.pk])
    execute_run.apply([run.pk + 1])

    run.refresh_from_db()
    assert (run.state, run.n_scored) == (State.SUCCESS, 40)


def test_a_database_that_is_locked_for_a_moment_costs_a_beat_alone(
    schedule, monkeypatch
):
    run = begin(schedule)
    assert take_place(run)

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(claims, "keep", locked)
    beat = Beat(run, bool)
    beat.now()
    run.lease_until = now()
    with pytest.raises(OperationalError, match="locked"):
        beat.now()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_closed_so_that_the_beats_go_on(
    schedule, monkeypatch
):
    run = begin(schedule)
    assert take_place(run)

    def broken(*_: object, **__: object) -> None:
        connection.errors_occurred = True
        raise OperationalError(2006, "Server has gone away")

    closed = []
    monkeypatch.setattr(claims, "keep", broken)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))
    try:
        Beat(run, bool).now()
    finally:
        connection.errors_occurred = False
    assert closed == [True]


@pytest.fixture
def at_step(monkeypatch):
    """Have something happen once, at one of the steps where a test may end it all."""

    def when(step: str, what) -> None:
        left = [step]

        def at(reached: str) -> None:
            if reached in left:
                left.remove(reached)
                what()

        monkeypatch.setattr(crash, "at", at)

    return when


@pytest.mark.parametrize(
    "step",
    ["collect.listed", "infer.part", "infer.done", "persist.noted", "run.closing"],
)
def test_a_worker_overtaken_at_any_step_tells_nothing_twice(schedule, at_step, step):
    run = begin(schedule)

    def overtaken() -> None:
        expire(run)
        go(run)

    at_step(step, overtaken)
    go(run)

    assert (run.state, run.n_scored) == (State.SUCCESS, 40)
    told = kinds(run, run.batch, schedule)
    once = set(told) - {"run.resumed", "batch.resumed", "run.loaded"}
    assert {kind: told.count(kind) for kind in once} == dict.fromkeys(
        (
            "batch.collected",
            "run.started",
            "run.collected",
            "batch.scored",
            "run.inferred",
            "run.persisted",
            "run.succeeded",
            "schedule.first_succeeded",
        ),
        1,
    )
    finished = run.steps.exclude(finished_at=None).exclude(name="loaded")
    assert sorted(step.name for step in finished) == [
        "collected",
        "inferred",
        "persisted",
    ]


def test_who_lost_the_run_hands_it_to_nobody(schedule, at_step, mailbox):
    run, asked = begin(schedule), []

    def overtaken() -> None:
        asked.append(True)
        expire(run)
        go(run)
        mailbox()

    at_step("infer.part", overtaken)
    execute(Run.objects.get(pk=run.pk), lambda: bool(asked))

    run.refresh_from_db()
    assert (run.state, mailbox()) == (State.SUCCESS, [])


def test_a_database_that_refuses_costs_a_try(schedule, at_step):
    def locked() -> None:
        raise OperationalError("database is locked")

    at_step("persist.noted", locked)
    run = go(begin(schedule))

    assert (run.state, run.tries) == (State.UP_FOR_RETRY, 1)
    assert run.reason == "The database refused: database is locked."


def test_too_little_memory_costs_a_try_and_is_told_in_words(schedule, at_part):
    def exhausted() -> None:
        raise MemoryError

    at_part(1, exhausted)
    run = go(begin(schedule))

    assert (run.state, run.tries) == (State.UP_FOR_RETRY, 1)
    assert run.reason == "The machine has too little memory for it."
