"""A run that failed is tried again, later and later, until it is given up."""

import errno
from datetime import timedelta

import pytest
from django.core.management import call_command

from dispatch.errors import CannotRetry
from dispatch.models import Intake, Run, Schedule
from dispatch.runs.cancel import retry
from dispatch.tests.conftest import arrive, begin, go, kinds
from monitor import room
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from showroom.models import Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(folder):
    """A folder that its schedule reads, and that is not there yet."""
    return folder / "there"


@pytest.fixture
def over_nothing(schedule_over, there) -> Schedule:
    source = {"kind": "folder", "folder": str(there), "settle_seconds": 0}
    return schedule_over(source=source, retries=2, retry_seconds=60)


def wake(run: Run) -> None:
    """Let the sweep find that its time has come."""
    assert sweep(Run, run.not_before - timedelta(seconds=1)) == []
    assert sweep(Run, run.not_before + timedelta(seconds=1)) == [run]


def test_a_machine_s_failure_is_tried_again_later_and_later(over_nothing, mailbox):
    run = go(begin(over_nothing))
    waits = []
    for _ in range(2):
        assert run.state == State.UP_FOR_RETRY
        waits.append((run.not_before - run.sent_at, run.place, run.open, run.attempts))
        wake(run)
        go(run)

    said = [round(wait.total_seconds()) for wait, *_ in waits]
    assert said == [60, 120]
    assert [rest for _, *rest in waits] == [[None, True, 0]] * 2
    assert (run.state, run.tries, run.open, run.place) == (State.FAILED, 2, None, None)
    assert run.reason == f"The folder {over_nothing.source['folder']} is not there."
    assert kinds(run) == ["run.waiting", "run.waiting", "run.failed"]
    assert Schedule.objects.get().failing


def test_a_failure_that_passes_costs_nothing_but_time(over_nothing, there):
    run = go(begin(over_nothing))
    there.mkdir()
    arrive(there, "sky.csv")
    wake(run)
    go(run)

    assert (run.state, run.n_scored, run.tries) == (State.SUCCESS, 40, 1)
    assert not Schedule.objects.get().failing


def test_what_holds_no_row_fails_at_once(schedule, folder):
    (folder / "sky.csv").write_text("prof_mean,prof_std\n1,2\n")
    run = go(begin(schedule))

    assert (run.state, run.tries, run.batch.state) == (State.FAILED, 0, State.FAILED)
    assert (
        run.reason == run.batch.reason == ("No row could be used; the rejects say why.")
    )
    assert kinds(run)[-1] == "run.failed"


def test_a_run_that_takes_too_long_stops_and_goes_on_at_its_next_try(
    schedule, at_part, time_machine, reconfigured
):
    reconfigured("scheduler", lease_seconds=0)  # a beat for every part
    run = begin(schedule)
    time_machine.move_to(run.created_at, tick=False)
    at_part(2, lambda: time_machine.shift(3601))
    go(run)

    assert (run.state, run.tries) == (State.UP_FOR_RETRY, 1)
    assert run.reason == "It took longer than its time-out of 3600 s."
    assert (run.batch.state, run.batch.holder) == ("queued", "")
    assert run.batch.chunks.count() == 2
    time_machine.shift(61)
    assert sweep(Run) == [run]
    go(run)
    assert (run.state, run.n_scored) == (State.SUCCESS, 40)
    assert [c.first_row for c in run.batch.chunks.order_by("number")] == [1, 11, 21, 31]


def test_the_last_time_out_ends_the_batch_too(
    schedule_over, at_part, time_machine, reconfigured
):
    reconfigured("scheduler", lease_seconds=0)
    run = begin(schedule_over(retries=0))
    time_machine.move_to(run.created_at, tick=False)
    at_part(1, lambda: time_machine.shift(3601))
    go(run)

    assert (run.state, run.batch.state) == (State.FAILED, State.FAILED)
    assert run.batch.reason == run.reason
    assert kinds(run.batch)[-1] == "batch.failed"


def test_a_batch_that_waits_for_room_lets_its_run_wait_and_costs_no_try(
    schedule, at_part, monkeypatch, reconfigured
):
    run = begin(schedule)
    full = []

    def check() -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room, "check", check)
    monkeypatch.setattr(room, "suffices", lambda: not full)
    at_part(2, lambda: full.append(True))
    go(run)
    assert (run.state, run.tries, run.attempts) == (State.UP_FOR_RETRY, 0, 0)
    assert run.batch.state == State.UP_FOR_RETRY
    assert run.reason.endswith("It goes on by itself when there is room.")
    later = run.sent_at + timedelta(minutes=1)
    assert sweep(Run, later) == []

    # Woken in vain, it has been waiting all the time.
    Run.objects.update(state=State.QUEUED)
    go(run)
    full.clear()
    assert sweep(Run, run.sent_at + timedelta(minutes=1)) == [run]
    go(run)
    assert (run.state, run.n_scored, run.tries) == (State.SUCCESS, 40, 0)
    assert kinds(run).count("run.waiting") == 1
    assert kinds(run.batch) == [
        "batch.collected",
        "batch.waiting",
        "batch.resumed",
        "batch.scored",
    ]


def failed(schedule, at_part) -> Run:
    """A run that failed when two of its parts were written."""
    broken = [True]

    def breaks() -> None:
        if broken.pop():
            raise OSError(errno.EIO, "Input/output error")

    at_part(2, breaks)
    run = go(begin(schedule))
    assert (run.state, run.batch.state) == (State.FAILED, State.FAILED)
    return run


def test_retry_goes_on_after_the_last_part_and_takes_no_new_files(
    schedule_over, folder, admin, at_part, mailbox
):
    schedule = schedule_over(retries=0)
    run = failed(schedule, at_part)
    arrive(folder, "later.csv", 25, seed=7)
    retry(run, admin)
    assert mailbox() == [(run.pk, "heavy")]
    go(run)

    assert (run.state, run.n_files, run.n_scored) == (State.SUCCESS, 1, 40)
    # The batch has all its starts again, as the run has.
    assert (run.batch.attempts, run.attempts) == (1, 1)
    assert [c.first_row for c in run.batch.chunks.order_by("number")] == [1, 11, 21, 31]
    assert (Batch.objects.count(), Intake.objects.count()) == (1, 1)
    resumed = Outbox.objects.get(kind="run.resumed")
    assert (resumed.about, resumed.who) == (str(run), str(admin.pk))
    assert kinds(schedule) == ["schedule.first_succeeded", "schedule.recovered"]


def test_one_that_would_be_tried_later_is_tried_now(
    over_nothing, there, admin, mailbox
):
    run = go(begin(over_nothing))
    there.mkdir()
    arrive(there, "sky.csv")
    retry(run, admin)
    with pytest.raises(CannotRetry, match="It waits no longer"):
        retry(run, admin)
    run.refresh_from_db()

    assert (run.state, run.not_before, run.tries) == (State.QUEUED, None, 1)
    assert mailbox() == [(run.pk, "heavy")]
    resumed = Outbox.objects.get(kind="run.resumed")
    assert (resumed.about, resumed.who) == (str(run), str(admin.pk))
    go(run)
    assert (run.state, run.n_scored, run.tries) == (State.SUCCESS, 40, 1)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("open", r"^Run \d+ of this schedule is open; wait for its end\.$"),
        ("removed", "Its schedule was removed; restore that first."),
        ("batch", "Its batch was removed, and with it what it had read."),
        ("done", "Only a run that failed or was cancelled can be tried again."),
    ],
)
def test_retry_says_why_it_cannot_be(schedule_over, admin, at_part, how, words):
    schedule = schedule_over(retries=0)
    run = failed(schedule, at_part)
    if how == "open":
        begin(schedule)
    if how == "removed":
        Schedule.objects.update(live=None)
    if how == "batch":
        run.batch.delete()
    if how == "done":
        Run.objects.update(state=State.SUCCESS)

    with pytest.raises(CannotRetry, match=words):
        retry(Run.objects.get(pk=run.pk), admin)


def test_the_command_says_what_it_sent(over_nothing, capsys, time_machine):
    run = go(begin(over_nothing))
    time_machine.move_to(run.not_before + timedelta(seconds=1))
    call_command("sweep_runs")

    assert capsys.readouterr().out == f"sent {run} again\n"


def test_what_cannot_be_copied_for_lack_of_room_waits_and_costs_no_try(
    schedule, reconfigured
):
    reconfigured("storage", reserve_bytes=2**62)
    run = go(begin(schedule))
    later = run.sent_at + timedelta(minutes=1)
    assert (run.state, run.tries, run.attempts) == (State.UP_FOR_RETRY, 0, 0)
    assert run.reason.endswith("It goes on by itself when there is room.")
    assert sweep(Run, later) == []

    reconfigured("storage", reserve_bytes=0)
    assert sweep(Run, later) == [run]
    go(run)
    assert (run.state, run.n_scored) == (State.SUCCESS, 40)
    assert kinds(run)[:2] == ["run.waiting", "run.started"]
