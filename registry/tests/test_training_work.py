"""A training at its first step: what ends it, what it waits for, what is done again."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from multiprocessing import RawValue

import psutil
import pytest
from celery.signals import worker_shutting_down
from django.db import OperationalError
from django.utils.timezone import now

from monitor import claims, crash, ending, room
from monitor.metrics.exposition import exposition
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml.training.plan import read
from registry import tasks
from registry.models import Sentinel, TrainingRun
from registry.ship import register_shipped
from registry.tests.made import dataset
from registry.training import log, process
from registry.training.again import go_on
from registry.training.ask import ask
from registry.training.beat import Beat
from registry.training.cancel import cancel
from registry.training.end import mend
from registry.training.line import take_place
from registry.training.source import packages
from registry.training.work import work

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BEGUN = "rehearse.load.begun"


class Enough(BaseException):
    """The test has seen what it wanted to see."""


@pytest.fixture
def run() -> TrainingRun:
    """A training that nobody works on yet."""
    return ask(dataset=dataset(), at_once=False)


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


@pytest.fixture
def steps_that(monkeypatch, tmp_path):
    """Have each step begin with a line of Python, as a machine would hurt it."""

    def begin(line: str) -> None:
        code = (
            "import runpy, sys\nsys.path.insert(0, '')\nsys.argv = sys.argv[2:]\n"
            "from pulsar_ml.training import steps\n"
            f"def hurt(*_):\n    {line}\n"
            "steps.Step.run = hurt\n"
            "runpy.run_module('pulsar_ml.training.__main__', run_name='__main__')\n"
        )
        script = tmp_path / "python"
        script.write_text(f"#!{sys.executable}\n{code}")
        script.chmod(0o755)
        monkeypatch.setattr(process, "interpreter", lambda: script)

    return begin


def go(run: TrainingRun, stopping=lambda: False) -> TrainingRun:
    """Have it worked on, and look how it is after."""
    work(TrainingRun.objects.get(pk=run.pk), stopping)
    run.refresh_from_db()
    return run


def enough() -> None:
    raise Enough


def expire(run: TrainingRun) -> list:
    """Let the lease of a dead worker run out, and the sweep find it."""
    late = now() - timedelta(seconds=1)
    TrainingRun.objects.filter(pk=run.pk).update(lease_until=late)
    freed = sweep(TrainingRun)
    mend()
    return freed


def children() -> list[psutil.Process]:
    """The step at work, as a process."""
    found = psutil.Process().children()
    return [child for child in found if "pulsar_ml.training" in child.cmdline()]


def kinds(run: TrainingRun) -> list[str]:
    told = Outbox.objects.filter(about=str(run)).order_by("pk")
    return list(told.values_list("kind", flat=True))


def steps(run: TrainingRun) -> list[tuple[str, str, int]]:
    found = run.steps.order_by("pk")
    return [(step.name, step.state, step.attempts) for step in found]


def test_rows_that_are_not_what_they_were_end_it_at_once_with_the_sentence(run):
    (run.dataset.folder / "rows.parquet").write_bytes(b"other rows")
    go(run)

    reason = "The rows of simulated.csv are not those that were stored."
    assert (run.state, run.reason, run.attempts) == (State.FAILED, reason, 1)
    assert (run.holder, run.place, run.progress) == ("", None, {})
    # What is wrong with the data is wrong the second time too.
    assert steps(run) == [("load", "failed", 1)]
    assert run.steps.get().reason == reason
    assert kinds(run) == ["training.requested", "training.started", "training.failed"]


def test_a_step_whose_process_is_killed_is_begun_again(run, at_step):
    at_step(BEGUN, lambda: os.kill(children()[0].pid, signal.SIGKILL))
    tries = []

    def stopping() -> bool:
        row = run.steps.first()
        tries.append(row and (row.name, row.attempts))
        return bool(row and row.name == "load" and row.attempts == 2)

    go(run, stopping)

    assert tries[-1] == ("load", 2)
    assert "WARNING Load of the rehearsal: its process was ended by signal 9" in (
        log.path(run).read_text()
    )


def test_a_step_is_told_no_secret_of_the_site(run, at_step, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "not for a step")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    told: dict[str, str] = {}

    def look() -> None:
        told.update(children()[0].environ())
        raise Enough

    at_step(BEGUN, look)
    with pytest.raises(Enough):
        go(run)

    assert "DB_PASSWORD" not in told
    assert told["PATH"] == os.environ["PATH"]
    assert told["OMP_NUM_THREADS"] == "1"


def test_a_step_that_fails_as_often_as_it_may_ends_the_run(run, reconfigured):
    reconfigured("training", step_minutes=0, step_attempts=2)
    go(run)

    reason = "Load of the rehearsal: It took longer than 0 minutes."
    assert (run.state, run.reason) == (State.FAILED, reason)
    assert steps(run) == [("load", "failed", 2)]
    assert children() == []
    assert kinds(run)[-1] == "training.failed"


def test_a_fault_of_the_code_is_told_by_its_last_line_and_kept_in_the_log(
    run, reconfigured, at_step
):
    reconfigured("training", step_attempts=1)
    plan = run.folder / "rehearsal" / "plan.json"
    at_step(BEGUN, plan.unlink)
    go(run)

    fault = f"FileNotFoundError: [Errno 2] No such file or directory: '{plan}'"
    assert (run.state, run.reason) == (
        State.FAILED,
        f"Load of the rehearsal: {fault}.",
    )
    assert "Traceback (most recent call last):" in log.tail(run).text
    assert fault in log.whole(run).text


def test_cancelled_it_ends_within_moments_and_its_step_with_it(run, at_step):
    person = None
    at_step(BEGUN, lambda: cancel(run, by=person))
    go(run)

    assert (run.state, run.reason) == (State.CANCELLED, "Cancelled on request.")
    assert (steps(run), children()) == ([("load", "cancelled", 1)], [])
    assert kinds(run)[2:] == ["training.cancelled"]


def test_cancelled_while_it_waits_it_ends_at_once_and_once(run):
    cancel(run, by=None)
    cancel(run, by=None)
    go(run)

    assert (run.state, run.steps.count(), run.attempts) == (State.CANCELLED, 0, 0)
    assert kinds(run) == ["training.requested", "training.cancelled"]


def test_a_worker_that_is_to_end_puts_it_back(run, at_step, monkeypatch, mailbox):
    monkeypatch.setattr(ending, "_told", RawValue("b", 0))
    at_step(BEGUN, lambda: worker_shutting_down.send(sender=None))
    tasks.train.apply([run.pk])
    # One that comes while it ends is not begun.
    tasks.train.apply([run.pk])

    run.refresh_from_db()
    assert (run.state, run.attempts, run.place) == (State.QUEUED, 0, None)
    assert (steps(run), children()) == ([("load", "queued", 1)], [])
    assert mailbox() == [(run.pk, "heavy")]


def test_a_full_disk_is_waited_for_and_no_failure(run, reconfigured, settings):
    reserve = settings.PULSAR.storage.reserve_bytes
    reconfigured("storage", reserve_bytes=2**60)
    go(run)

    assert (run.state, run.attempts) == (State.UP_FOR_RETRY, 0)
    assert run.reason.startswith("The disk is full: ")
    assert run.reason.endswith("It goes on by itself when there is room.")
    assert (sweep(TrainingRun), steps(run)) == ([], [("load", "queued", 0)])
    TrainingRun.objects.update(sent_at=now() - timedelta(hours=1))
    assert sweep(TrainingRun) == []
    reconfigured("storage", reserve_bytes=reserve)
    assert room.suffices()
    assert sweep(TrainingRun) == [run]


def test_a_database_that_refuses_is_tried_again_but_not_for_ever(run, monkeypatch):
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("registry.training.plan.lay", locked)
    go(run)

    reason = "The database refused: database is locked."
    assert (run.state, run.reason, run.attempts) == (State.UP_FOR_RETRY, reason, 1)
    assert run.not_before > now()
    TrainingRun.objects.update(state=State.QUEUED, attempts=2)
    go(run)
    assert (run.state, run.reason, run.attempts) == (State.FAILED, reason, 3)


def test_what_nobody_has_foreseen_is_told_on_its_page_and_in_its_log(run, monkeypatch):
    def wrong(*_: object) -> None:
        raise KeyError("prof_mean")

    monkeypatch.setattr("registry.training.plan.lay", wrong)
    go(run)

    reason = "A fault of this site: KeyError: 'prof_mean'. Its log says where."
    assert (run.state, run.reason, run.attempts) == (State.UP_FOR_RETRY, reason, 1)
    assert "Traceback (most recent call last):" in log.whole(run).text
    TrainingRun.objects.update(state=State.QUEUED, attempts=2)
    go(run)
    assert (run.state, run.reason, run.attempts) == (State.FAILED, reason, 3)


def test_a_database_that_stays_away_leaves_it_to_the_next_worker(run, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("server has gone away")

    monkeypatch.setattr("registry.training.plan.lay", away)
    monkeypatch.setattr(claims, "wait", away)
    go(run)

    assert (run.state, run.attempts) == (State.RUNNING, 1)
    told = "WARNING The database refused: server has gone away. A worker goes on when"
    assert told in log.whole(run).text
    assert expire(run) == [run]


def test_a_database_that_is_away_when_a_step_ends_is_waited_for(run, monkeypatch):
    assert take_place(run)
    beat, keep, left = Beat(run, lambda: False), claims.keep, [1, 2]
    beat.every = 0

    def away(*asked: object, **changes: object) -> None:
        if left:
            left.pop()
            raise OperationalError("server has gone away")
        keep(*asked, **changes)

    monkeypatch.setattr(claims, "keep", away)
    before = run.lease_until
    beat.until_answered()
    assert (left, run.lease_until > before) == ([], True)

    # Then another may have it.
    left.append(1)
    run.lease_until = now() - timedelta(seconds=1)
    with pytest.raises(OperationalError):
        beat.until_answered()


@pytest.mark.parametrize(
    ("lacks", "reason"),
    [
        ("MemoryError", "Load: the machine has too little memory for it."),
        ("OSError(28, 'No space left on device')", "The disk is full: "),
    ],
)
def test_what_the_machine_lacks_is_said_in_words(
    run, reconfigured, steps_that, lacks, reason
):
    reconfigured("training", step_attempts=1)
    steps_that(f"raise {lacks}")
    TrainingRun.objects.update(attempts=1)
    go(run)

    # It removes what it could not write in whole: there is room again, after.
    is_disk = "disk" in reason
    assert (run.state, is_disk) in [(State.UP_FOR_RETRY, True), (State.FAILED, False)]
    assert run.reason.startswith(reason.replace("Load", "Load of the rehearsal"))
    if is_disk:
        # Full by a measure that we do not have, it is not tried for ever.
        assert run.attempts == 2
        TrainingRun.objects.update(state=State.QUEUED)
        go(run)
        assert (run.state, run.attempts) == (State.FAILED, 3)


def test_a_step_that_hangs_is_ended_by_its_time_and_leaves_no_process(
    run, reconfigured, at_step
):
    # Stopped, it would not even hear that it is to end.
    reconfigured("training", step_minutes=0.005, step_attempts=1)
    at_step(BEGUN, lambda: os.kill(children()[0].pid, signal.SIGSTOP))
    go(run)

    reason = "Load of the rehearsal: It took longer than 0.005 minutes."
    assert (run.state, run.reason, children()) == (State.FAILED, reason, [])


def test_a_step_that_was_done_when_its_worker_died_lasted_no_longer(run, at_step):
    at_step("rehearse.load.done", enough)
    with pytest.raises(Enough):
        go(run)
    stamp = run.folder / "rehearsal" / "load.done.json"
    done = stamp.stat().st_mtime - 3600
    os.utime(stamp, (done, done))
    begun = datetime.fromtimestamp(done - 5, tz=UTC)
    run.steps.update(started_at=begun)
    expire(run)
    at_step("rehearse.split.begun", enough)
    with pytest.raises(Enough):
        go(run)

    load = run.steps.get(name="load")
    assert (load.state, load.attempts, load.took) == (
        State.SUCCESS,
        1,
        timedelta(seconds=5),
    )


def test_a_clock_that_was_put_back_makes_no_time_negative(run):
    at = now()
    ended = {"started_at": at, "finished_at": at - timedelta(hours=1)}
    step = run.steps.create(name="load", **ended)
    TrainingRun.objects.update(**ended)
    run.refresh_from_db()

    assert (run.took, step.took) == (timedelta(0), timedelta(0))
    assert run.seconds_left(at - timedelta(hours=1), 1, 3) == 0


def test_who_lost_the_run_writes_and_tells_no_more(run, at_step):
    def overtaken() -> None:
        assert expire(run) == [run]
        at_step(BEGUN, enough)
        with pytest.raises(Enough):
            go(run)

    at_step(BEGUN, overtaken)
    go(run)

    # It stays with who has it now.
    assert (run.state, run.attempts, bool(run.holder)) == (State.RUNNING, 2, True)
    assert kinds(run) == ["training.requested", "training.started", "training.resumed"]


def test_one_works_at_a_time_and_another_worker_leaves_it_alone(run, at_step):
    other = ask(dataset=run.dataset, at_once=False)
    found = []

    def try_both() -> None:
        found.extend([work(TrainingRun.objects.get(pk=n)) for n in (run.pk, other.pk)])
        enough()

    at_step(BEGUN, try_both)
    with pytest.raises(Enough):
        go(run)

    assert found == [False, False]
    other.refresh_from_db()
    assert (other.state, other.place, bool(other.asked_at)) == (
        State.QUEUED,
        None,
        True,
    )
    assert children() == []


def test_its_plan_says_all_that_decides_what_comes_of_it(run, at_step):
    champion = next(v for v in register_shipped() if v.card["champion"])
    features = [1.0] * 8
    Sentinel.objects.create(name="B0531+21", hash="ab" * 32, features=features)
    Sentinel.objects.create(
        name="gone", hash="cd" * 32, features=features, removed_at=now()
    )
    at_step(BEGUN, enough)
    with pytest.raises(Enough):
        go(run)

    run.refresh_from_db()
    plan, rehearsed = read(run.folder), read(run.folder / "rehearsal")
    assert (plan.rehearsal, rehearsed.rehearsal) == (None, 200)
    assert plan.created == run.started_at.isoformat(timespec="seconds")
    assert (plan.dataset.sha256, plan.dataset.htru2) == (run.dataset.sha256, False)
    assert plan.sentinels == ["ab" * 32]
    assert (plan.champion.name, run.champion) == (str(champion), champion)
    assert (plan.algorithm, plan.policy, plan.seed) == ("random_forest", "grouped", 0)
    assert run.packages["python"]


def test_taken_up_again_it_keeps_its_time_and_learns_what_is_new(run, at_step):
    at_step(BEGUN, enough)
    with pytest.raises(Enough):
        go(run)
    created = read(run.folder).created
    Sentinel.objects.create(name="B0531+21", hash="ab" * 32, features=[1.0] * 8)
    expire(run)
    TrainingRun.objects.update(
        started_at=now() + timedelta(days=1), packages={"python": "2.7"}
    )
    at_step(BEGUN, enough)
    with pytest.raises(Enough):
        go(run)

    plan = read(run.folder)
    assert (plan.created, plan.sentinels) == (created, ["ab" * 32])
    run.refresh_from_db()
    assert run.packages == packages()
    assert kinds(run).count("training.started") == 1


def test_what_failed_can_go_on_when_a_person_wants(run, reconfigured, mailbox):
    reconfigured("training", step_minutes=0, step_attempts=1)
    go(run)
    mailbox()
    go_on(run, by=None)

    run.refresh_from_db()
    assert (run.state, run.reason, run.attempts) == (State.QUEUED, "", 0)
    assert kinds(run)[-1] == "training.resumed"
    assert mailbox() == [(run.pk, "heavy")]


def test_its_end_has_the_next_in_the_line_sent(run, mailbox):
    second = ask(dataset=run.dataset, at_once=False)
    ask(dataset=run.dataset, at_once=False)
    (run.dataset.folder / "rows.parquet").unlink()
    go(run)

    assert run.state == State.FAILED
    assert mailbox() == [(second.pk, "heavy")]


def test_machines_are_told_how_trainings_end_and_how_many_are_at_work(run, at_step):
    cancel(run, by=None)
    second = ask(dataset=run.dataset, at_once=False)
    seen = []
    at_step(BEGUN, lambda: seen.append(exposition().decode()) or enough())
    with pytest.raises(Enough):
        go(second)

    ended = 'pulsarsite_training_runs_total{model="pulsar",state="cancelled"} 1.0'
    assert ended in seen[0].splitlines()
    assert "pulsarsite_training_running 1.0" in seen[0].splitlines()
