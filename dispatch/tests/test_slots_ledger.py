"""The ledger of slots: each expected moment has one row, whatever the clock does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispatch.models import Schedule, Slot
from dispatch.schedules import save
from dispatch.slots import ledger
from dispatch.tests.expected import outcomes, planned, told, utc

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

DAY = timedelta(days=1)
START = utc("2026-03-01 00:30")


@pytest.fixture(autouse=True)
def zone(reconfigured):
    """The clock's zone: Berlin puts its clocks back on 25 October."""
    reconfigured("scheduler", mode="embedded", zone="Europe/Berlin")


def test_each_moment_since_the_last_look_gets_a_row_once():
    schedule = planned(START)
    assert ledger.fill(schedule, utc("2026-03-01 03:00")) == 3
    assert ledger.fill(schedule, utc("2026-03-01 03:00")) == 0
    assert ledger.fill(Schedule.objects.get(), utc("2026-03-01 04:59")) == 1
    due = [(f"01 0{hour}:00", "due", "") for hour in (1, 2, 3, 4)]
    assert told(schedule) == due
    assert Schedule.objects.get().ledger_until == utc("2026-03-01 04:59")


def test_no_slot_has_two_rows_not_even_by_hand():
    schedule = planned(START)
    Slot.objects.create(schedule=schedule, at=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.create(schedule=schedule, at=START)


def test_both_passes_of_the_hour_that_comes_twice_are_slots():
    schedule = planned(utc("2026-10-24 23:30"), cron="30 * * * *")
    ledger.fill(schedule, utc("2026-10-25 02:00"))
    found = schedule.slots.order_by("at").values_list("at", "fold")
    assert list(found) == [
        (utc("2026-10-25 00:30"), 0),
        (utc("2026-10-25 01:30"), 1),
    ]


def test_an_hour_that_is_leapt_over_has_no_slot():
    schedule = planned(utc("2026-03-28 23:45"), cron="30 * * * *")
    ledger.fill(schedule, utc("2026-03-29 02:00"))
    at = list(schedule.slots.order_by("at").values_list("at", flat=True))
    assert at == [utc("2026-03-29 00:30"), utc("2026-03-29 01:30")]
    assert [f"{moment.astimezone(ledger.clock_zone()):%H:%M}" for moment in at] == [
        "01:30",
        "03:30",
    ]


def test_a_clock_put_back_an_hour_makes_nothing():
    schedule = planned(START, cron="* * * * *")
    ledger.fill(schedule, START + timedelta(hours=2))
    before = told(schedule)
    assert ledger.fill(schedule, START + timedelta(hours=1)) == 0
    assert told(schedule) == before
    assert schedule.ledger_until == START + timedelta(hours=2)
    assert ledger.fill(schedule, START + timedelta(hours=2, minutes=1)) == 1


def test_a_clock_that_was_a_day_ahead_leaves_nothing_of_it_but_what_ran():
    schedule = planned(START)
    ledger.fill(schedule, START + DAY)
    schedule.slots.filter(at__lt=START + timedelta(hours=2)).update(outcome="missed")
    schedule.slots.filter(at=utc("2026-03-01 23:00")).update(outcome="late")
    schedule.slots.filter(at=utc("2026-03-01 22:00")).update(outcome="superseded")
    assert ledger.fill(schedule, START + timedelta(hours=2)) == 0
    assert told(schedule) == [
        ("01 01:00", "missed", ""),
        ("01 02:00", "missed", ""),
        ("01 23:00", "late", ""),
    ]
    assert ledger.fill(schedule, START + DAY) == 22
    assert schedule.slots.count() == 24


def test_a_gap_of_months_is_filled_a_piece_a_call(monkeypatch):
    monkeypatch.setattr(ledger, "MOST", 400)
    monkeypatch.setattr(ledger, "PIECE", 150)
    schedule = planned(START, cron="* * * * *")
    until = START + timedelta(minutes=900)
    assert [ledger.fill(schedule, until) for _ in range(4)] == [400, 400, 100, 0]
    assert schedule.ledger_until == until
    assert schedule.slots.count() == 900


@pytest.mark.parametrize("changed", [{"cron": "0 2 * * *"}, {"live": None}])
def test_a_schedule_edited_or_removed_meanwhile_gets_no_slots_by_its_old_times(changed):
    schedule = planned(START)
    Schedule.objects.update(**changed)
    assert ledger.fill(schedule, START + timedelta(hours=5)) == 0
    assert outcomes(schedule) == []
    assert schedule.ledger_until == START


def test_slots_that_are_open_when_the_times_change_are_superseded(admin, time_machine):
    at = utc("2026-03-01 12:30")
    time_machine.move_to(at, tick=False)
    schedule = planned(START)
    Schedule.objects.update(ledger_until=at - timedelta(hours=1))
    save.change(schedule, {"name": "Renamed"}, 1, by=admin)
    assert outcomes(schedule) == ["due"]
    save.change(schedule, {"cron": "0 2 * * *"}, 2, by=admin)
    slot = schedule.slots.get()
    why = "The times of the schedule were changed."
    assert (slot.outcome, slot.evidence) == ("superseded", why)
    assert Schedule.objects.get().ledger_until == at


def test_a_ledger_without_a_slot_to_come_is_left_alone_for_an_hour():
    schedule = planned(START, cron="0 5 * * *")
    assert not ledger.is_behind(schedule, START + timedelta(minutes=59))
    assert ledger.is_behind(schedule, START + timedelta(minutes=61))
    assert ledger.is_behind(planned(START, "often"), START + timedelta(minutes=31))


def test_what_is_open_when_a_schedule_goes_is_closed_with_the_reason():
    schedule = planned(START)
    ledger.fill(schedule, utc("2026-03-01 04:00"))
    for hour, outcome in enumerate(("ran", "missed", "waiting"), 1):
        at = utc(f"2026-03-01 0{hour}:00")
        schedule.slots.filter(at=at).update(outcome=outcome)
    ledger.close(schedule, utc("2026-03-01 05:00"))
    assert told(schedule) == [
        ("01 01:00", "ran", ""),
        ("01 02:00", "missed", ""),
        *(
            (f"01 0{n}:00", "superseded", "The schedule was removed.")
            for n in (3, 4, 5)
        ),
    ]


def test_of_two_that_fill_at_once_the_second_adds_nothing():
    until = START + timedelta(hours=30)
    schedule = planned(START, cron="* * * * *")
    first, second = (Schedule.objects.get(pk=schedule.pk) for _ in range(2))
    counts = [ledger.fill(mine, until) for mine in (first, second)]
    assert counts == [1800, 0]
    assert schedule.slots.count() == 1800
    assert second.ledger_until == until
