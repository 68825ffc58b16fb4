"""A start takes its slot, once; a refused one says what was in the way."""

from datetime import timedelta

import pytest

from dispatch.models import Slot
from dispatch.slots import ledger, take
from dispatch.tests.expected import begun, outcomes, planned, ran, told, utc
from monitor.models import Skip, Switch

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

START = utc("2026-03-01 00:30")
OPEN = "Run {} was open since 2026-03-01 00:40 UTC."


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", mode="embedded", zone="UTC")


def refused(schedule, at, run, **values):
    slot = take.take(schedule, at)
    take.refuse(slot, run, **values)
    begun(schedule, at, open=None, state="skipped", slot=slot)
    return slot


def test_a_start_takes_the_youngest_slot_whether_or_not_the_tick_wrote_it_down():
    schedule = planned(START)
    ran(schedule, utc("2026-03-01 02:00") + timedelta(seconds=12))
    assert told(schedule) == [("01 02:00", "ran", "Started 12 s after its time.")]
    ledger.fill(schedule, utc("2026-03-01 04:00"))
    ran(schedule, utc("2026-03-01 04:10"))
    late = "Started 10 min 00 s after its time."
    assert told(schedule)[-1] == ("01 04:00", "late", late)


def test_a_slot_is_served_once_however_often_it_is_started():
    schedule = planned(START)
    at = utc("2026-03-01 02:00")
    assert ran(schedule, at)
    assert ran(schedule, at + timedelta(seconds=1)) is None
    assert ran(schedule, at + timedelta(minutes=59)) is None
    assert ran(schedule, at + timedelta(minutes=60))


@pytest.mark.parametrize(("seconds", "outcome"), [(300, "ran"), (301, "late")])
def test_a_start_is_late_after_its_schedules_limit(seconds, outcome):
    schedule = planned(START, start_within=300)
    ran(schedule, utc("2026-03-01 02:00") + timedelta(seconds=seconds))
    assert outcomes(schedule) == [outcome]


def test_a_slot_that_was_served_cannot_be_refused_any_more():
    schedule = planned(START)
    slot = ran(schedule, utc("2026-03-01 02:00"))
    before = told(schedule)
    take.refuse(slot, begun(schedule, utc("2026-03-01 02:01")))
    assert told(schedule) == before


def test_before_its_first_slot_there_is_nothing_to_take():
    assert ran(planned(START), START + timedelta(minutes=29)) is None


def test_the_youngest_slot_is_found_though_the_ledger_is_months_behind():
    schedule = planned(START, cron="0 0 1 * *")
    assert ran(schedule, utc("2026-08-21 12:00")).at == utc("2026-08-01")
    assert Slot.objects.count() == 1


def test_with_the_policy_last_a_run_stands_for_the_older_ones_and_names_itself():
    schedule = planned(START, catch_up="last")
    ledger.fill(schedule, utc("2026-03-01 04:00"))
    schedule.slots.filter(at=utc("2026-03-01 01:00")).update(outcome="missed")
    schedule.slots.filter(at=utc("2026-03-01 02:00")).update(outcome="waiting")
    run = ran(schedule, utc("2026-03-01 04:00")).run
    stands = f"Run {run.pk} of the slot of 2026-03-01 04:00 UTC stands for it."
    assert told(schedule) == [
        ("01 01:00", "missed", ""),
        ("01 02:00", "superseded", stands),
        ("01 03:00", "superseded", stands),
        ("01 04:00", "ran", "Started 0.0 s after its time."),
    ]
    served = run.served.order_by("at").values_list("outcome", flat=True)
    assert list(served) == ["superseded", "superseded", "ran"]


def test_a_run_does_not_stand_for_slots_at_which_its_schedule_was_paused():
    schedule = planned(START, catch_up="last")
    for at, on in (("2026-03-01 01:30", False), ("2026-03-01 02:30", True)):
        Switch.objects.create(job=schedule.job, at=utc(at), on=on, who="hand edit")
    ledger.fill(schedule, utc("2026-03-01 03:00"))
    ran(schedule, utc("2026-03-01 03:00"))
    assert outcomes(schedule) == ["superseded", "paused", "ran"]


def test_a_run_does_not_stand_for_slots_at_which_another_was_open():
    schedule = planned(START, catch_up="last")
    before = begun(
        schedule,
        utc("2026-03-01 00:40"),
        open=None,
        state="success",
        finished_at=utc("2026-03-01 02:30"),
    )
    ledger.fill(schedule, utc("2026-03-01 04:00"))
    run = ran(schedule, utc("2026-03-01 04:00")).run
    proof = OPEN.format(before.pk)
    stands = f"Run {run.pk} of the slot of 2026-03-01 04:00 UTC stands for it."
    assert told(schedule) == [
        ("01 01:00", "skipped", proof),
        ("01 02:00", "skipped", proof),
        ("01 03:00", "superseded", stands),
        ("01 04:00", "ran", "Started 0.0 s after its time."),
    ]


@pytest.mark.parametrize("catch_up", ["none", "all"])
def test_with_another_policy_older_slots_are_left_to_be_judged(catch_up):
    schedule = planned(START, catch_up=catch_up)
    ledger.fill(schedule, utc("2026-03-01 02:00"))
    ran(schedule, utc("2026-03-01 02:00"))
    assert outcomes(schedule) == ["due", "ran"]


def test_an_exact_slot_is_taken_whether_or_not_it_is_written_down():
    schedule = planned(START)
    ledger.fill(schedule, utc("2026-03-01 02:30"))
    for hour in (1, 3):
        slot_at = utc(f"2026-03-01 0{hour}:00")
        slot = take.take(schedule, utc("2026-03-01 04:00"), slot_at)
        assert (slot.at, slot.outcome) == (slot_at, "late")
        assert take.take(schedule, utc("2026-03-01 04:00"), slot_at) is None
    assert outcomes(schedule) == ["late", "due", "late"]


@pytest.mark.parametrize(
    ("slot_at", "words"),
    [
        ("2026-03-01 03:07", "is no slot of schedule nightly (0 * * * *)."),
        ("2026-02-01 03:00", "is no slot of schedule nightly (0 * * * *)."),
        ("2026-03-01 05:00", "is still to come."),
    ],
)
def test_a_moment_that_is_no_slot_is_refused_in_words(slot_at, words):
    schedule = planned(START)
    with pytest.raises(take.NoSlot) as refusal:
        take.take(schedule, utc("2026-03-01 04:00"), utc(slot_at))
    assert str(refusal.value) == f"{slot_at.replace(' ', 'T')}:00+00:00 {words}"
    assert Slot.objects.count() == 0


def test_with_forbid_a_slot_beside_an_open_run_is_skipped():
    schedule = planned(START, concurrency="Forbid")
    run = begun(schedule, utc("2026-03-01 00:40"))
    refused(schedule, utc("2026-03-01 01:00"), run)
    assert told(schedule) == [("01 01:00", "skipped", OPEN.format(run.pk))]


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_with_queue_one_slot_waits_and_its_run_serves_the_older_ones(catch_up):
    schedule = planned(START, concurrency="Queue", catch_up=catch_up)
    run = begun(schedule, utc("2026-03-01 00:40"))
    for hour in (1, 2, 3):
        refused(schedule, utc(f"2026-03-01 0{hour}:00"), run)
    proof = OPEN.format(run.pk)
    assert told(schedule) == [
        ("01 01:00", "superseded", "The slot of 2026-03-01 02:00 UTC stands for it."),
        ("01 02:00", "superseded", "The slot of 2026-03-01 03:00 UTC stands for it."),
        ("01 03:00", "waiting", proof),
    ]
    slot = take.take(schedule, utc("2026-03-01 03:10"), utc("2026-03-01 03:00"))
    assert slot.evidence == f"{proof} Started 10 min 00 s after its time."


def test_what_was_missed_and_waits_to_be_caught_up_is_not_displaced_by_the_queue():
    schedule = planned(START, concurrency="Queue", catch_up="all")
    ledger.fill(schedule, utc("2026-03-01 01:00"))
    schedule.slots.update(outcome="waiting")
    run = begun(schedule, utc("2026-03-01 00:40"))
    refused(schedule, utc("2026-03-01 02:00"), run)
    refused(schedule, utc("2026-03-01 03:00"), run)
    assert outcomes(schedule) == ["waiting", "superseded", "waiting"]


def test_a_missed_slot_whose_turn_is_refused_waits_on():
    schedule = planned(START, concurrency="Forbid")
    run = begun(schedule, utc("2026-03-01 00:40"))
    refused(schedule, utc("2026-03-01 01:00"), run, waited=True)
    assert told(schedule) == [("01 01:00", "waiting", OPEN.format(run.pk))]


def test_a_slot_that_a_person_wants_left_out_is_skipped_with_name_and_reason(person):
    schedule = planned(START)
    ana = person("operator", "ana")
    at = utc("2026-03-01 01:00")
    skip = Skip.objects.create(
        job=schedule.job, slot=at, who=str(ana.pk), reason="storm"
    )
    take.skip(take.take(schedule, at), skip)
    assert told(schedule) == [("01 01:00", "skipped", "Left out by ana: storm")]
    assert ran(schedule, at) is None
