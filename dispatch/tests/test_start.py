"""A start serves the youngest slot, or is put on record as refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError

from dispatch.models import Run, Schedule, Slot
from dispatch.runs.run_now import run_now
from dispatch.runs.start import start
from dispatch.slots.take import NoSlot
from dispatch.tests.conftest import kinds
from monitor.models import Outbox, Skip
from monitor.work import State

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

AT = datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def hourly(schedule_over) -> Schedule:
    return schedule_over("hourly", cron="0 * * * *", ledger_until=AT - 3 * HOUR)


def by_clock(schedule: Schedule, at: datetime = AT) -> Run:
    return start(schedule, trigger=Run.Trigger.CLOCK, at=at)


def outcomes(schedule: Schedule) -> list[tuple[int, str, int | None]]:
    slots = schedule.slots.order_by("at")
    return [(slot.at.hour, slot.outcome, slot.run_id) for slot in slots]


def test_a_start_takes_the_youngest_slot(hourly):
    run = by_clock(hourly)

    assert (run.state, run.open, run.queue) == (State.QUEUED, True, "heavy")
    assert (run.slot.at, run.trigger) == (AT.replace(second=0), "clock")
    assert outcomes(hourly) == [(10, "ran", run.pk)]
    assert kinds(run) == []


def test_a_slot_is_served_once(hourly):
    first = by_clock(hourly)
    Run.objects.update(state=State.SUCCESS, open=None)
    second = by_clock(hourly, AT + timedelta(seconds=40))

    assert (second.state, second.open, second.slot) == (State.SKIPPED, None, None)
    assert second.reason == "Nothing is due: its last slot is served already."
    assert second.finished_at == AT + timedelta(seconds=40)
    assert kinds(second) == ["run.skipped"]
    assert outcomes(hourly) == [(10, "ran", first.pk)]


def test_beside_an_open_run_a_start_is_refused_and_its_slot_skipped(hourly):
    first = by_clock(hourly)
    second = by_clock(hourly, AT + HOUR)

    assert (second.state, second.open) == (State.SKIPPED, None)
    assert second.reason.startswith(f"Run {first.pk} was open since ")
    assert second.slot.at == (AT + HOUR).replace(second=0)
    assert outcomes(hourly) == [(10, "ran", first.pk), (11, "skipped", None)]
    assert Outbox.objects.get(about=str(second)).detail["reason"] == second.reason


def test_with_queue_its_slot_waits_instead(hourly):
    hourly.concurrency = Schedule.Concurrency.QUEUE
    hourly.save()
    first = by_clock(hourly)
    second = by_clock(hourly, AT + HOUR)

    assert second.state == State.SKIPPED
    assert outcomes(hourly) == [(10, "ran", first.pk), (11, "waiting", None)]


def test_a_slot_that_a_person_wants_left_out_is(hourly, admin):
    Skip.objects.create(
        job=hourly.job, slot=AT.replace(second=0), who=admin.pk, reason="moving house"
    )
    run = by_clock(hourly)

    assert (run.state, run.reason) == (
        State.SKIPPED,
        "Left out by admin: moving house",
    )
    assert outcomes(hourly) == [(10, "skipped", None)]


def test_a_named_slot_is_served_and_one_that_is_none_refused(hourly):
    run = start(
        hourly,
        trigger=Run.Trigger.HAND,
        slot_at=AT.replace(hour=9, second=0),
        at=AT,
    )
    assert run.slot.at.hour == 9

    with pytest.raises(NoSlot, match="is no slot of"):
        start(
            hourly,
            trigger=Run.Trigger.HAND,
            slot_at=AT.replace(hour=9, minute=30, second=0),
            at=AT,
        )


def test_a_person_s_run_takes_no_slot_and_goes_to_a_worker(hourly, admin, mailbox):
    run = run_now(hourly, admin)

    assert (run.state, run.slot, run.by, run.trigger) == (
        State.QUEUED,
        None,
        admin,
        "hand",
    )
    assert mailbox() == [(run.pk, "heavy")]
    refused = run_now(hourly, admin)
    assert refused.state == State.SKIPPED
    assert refused.reason.startswith(f"Run {run.pk} was open since ")
    assert mailbox() == []
    assert not Slot.objects.exists()


def test_one_run_of_a_schedule_is_open(hourly):
    by_clock(hourly)

    with pytest.raises(IntegrityError):
        Run.objects.create(schedule=hourly)


def test_a_start_that_collides_with_another_looks_again(hourly, monkeypatch):
    create, collided = Run.objects.create, []

    def colliding(**values: object) -> Run:
        if not collided:
            collided.append(create(schedule=hourly))
        return create(**values)

    monkeypatch.setattr(Run.objects, "create", colliding)
    # The other one goes with the transaction, as if it had ended meanwhile.
    run = start(hourly, trigger=Run.Trigger.CLOCK, at=AT)

    assert list(Run.objects.all()) == [run]
    assert outcomes(hourly) == [(10, "ran", run.pk)]


@pytest.mark.parametrize("number", [1205, 1213])
def test_a_start_that_waited_for_another_in_vain_looks_again(
    hourly, monkeypatch, number
):
    create, collided = Run.objects.create, []

    def locked(**values: object) -> Run:
        if not collided:
            collided.append(True)
            raise OperationalError(number, "try restarting transaction")
        return create(**values)

    monkeypatch.setattr(Run.objects, "create", locked)
    run = by_clock(hourly)

    assert list(Run.objects.all()) == [run]
    assert outcomes(hourly) == [(10, "ran", run.pk)]


def test_a_start_that_the_database_refuses_otherwise_is_not_tried_again(
    hourly, monkeypatch
):
    tried = []

    def away(**_: object) -> Run:
        tried.append(True)
        raise OperationalError(2006, "Server has gone away")

    monkeypatch.setattr(Run.objects, "create", away)
    with pytest.raises(OperationalError, match="gone away"):
        by_clock(hourly)
    assert tried == [True]


def test_a_missed_slot_whose_turn_another_took_waits_on(hourly):
    nine = AT.replace(hour=9, second=0)
    hourly.slots.create(at=nine, outcome=Slot.Outcome.WAITING)
    first = start(hourly, trigger=Run.Trigger.HAND, now_anyway=True, at=AT)
    second = start(hourly, trigger=Run.Trigger.CATCH_UP, slot_at=nine, at=AT)

    assert (first.state, second.state) == (State.QUEUED, State.SKIPPED)
    assert outcomes(hourly) == [(9, "waiting", None)]
