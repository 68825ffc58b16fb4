"""A run is stopped at once where it waits, else at its next sign of life."""

import errno

import pytest

from dispatch import places
from dispatch.models import Run, Schedule
from dispatch.runs.cancel import cancel, retry
from dispatch.runs.execute import execute
from dispatch.tests.conftest import begin, go, kinds
from monitor.models import Outbox
from monitor.work import State
from showroom.models import Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(person):
    return person("operator")


def test_a_run_that_waits_is_cancelled_at_once(schedule, operator):
    run = begin(schedule)
    cancel(run, operator)
    cancel(run, operator)

    run.refresh_from_db()
    assert (run.state, run.reason, run.open) == (
        State.CANCELLED,
        "Cancelled on request.",
        None,
    )
    told = Outbox.objects.get(about=str(run))
    assert (told.kind, told.who) == ("run.cancelled", str(operator.pk))
    assert begin(schedule).state == State.QUEUED


def test_a_run_that_works_stops_at_its_next_part_with_its_batch(
    schedule, operator, at_part, reconfigured
):
    reconfigured("scheduler", lease_seconds=0)  # a beat for every part
    run = begin(schedule)
    at_part(2, lambda: cancel(run, operator))
    go(run)

    assert (run.state, run.open, run.place) == (State.CANCELLED, None, None)
    assert (run.batch.state, run.batch.chunks.count()) == (State.CANCELLED, 2)
    assert (run.reason, run.batch.reason) == ("Cancelled on request.",) * 2
    assert kinds(run.batch)[-1] == "batch.cancelled"
    assert not Schedule.objects.get().failing

    retry(run, operator)
    go(run)
    assert (run.state, run.n_scored) == (State.SUCCESS, 40)
    assert kinds(run.batch)[-2:] == ["batch.resumed", "batch.scored"]


def test_a_run_that_has_ended_is_not_cancelled(schedule, operator):
    run = go(begin(schedule))
    cancel(run, operator)

    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.SUCCESS, False)


def test_a_run_whose_end_was_asked_for_does_not_wait_for_a_retry(
    schedule_over, folder, operator, monkeypatch
):
    schedule = schedule_over(
        source={"kind": "folder", "folder": str(folder / "nowhere")}
    )
    run = begin(schedule)
    inside = places.inside

    def asked(path: str):
        cancel(run, operator)
        return inside(path)

    monkeypatch.setattr(places, "inside", asked)
    go(run)
    assert (run.state, Run.objects.filter(open=True).count()) == (State.CANCELLED, 0)


def test_a_run_that_waits_for_its_next_try_is_cancelled_with_its_batch(
    schedule, operator, at_part
):
    def broken() -> None:
        raise OSError(errno.EIO, "Input/output error")

    at_part(1, broken)
    run = go(begin(schedule))
    Batch.objects.update(state=State.QUEUED)
    assert run.state == State.UP_FOR_RETRY
    cancel(run, operator)

    run.refresh_from_db()
    batch = Batch.objects.get()
    assert (run.state, run.open) == (State.CANCELLED, None)
    assert (batch.state, batch.reason) == (State.CANCELLED, "Cancelled on request.")


def test_a_process_that_must_end_hands_nobody_a_run_that_is_to_stop(
    schedule, operator, at_part, mailbox
):
    run, asked = begin(schedule), []

    def at_once() -> None:
        asked.append(True)
        cancel(run, operator)

    at_part(1, at_once)
    assert execute(run, lambda: bool(asked))

    run.refresh_from_db()
    assert (run.state, run.batch.state) == (State.CANCELLED, State.CANCELLED)
    assert mailbox() == []
