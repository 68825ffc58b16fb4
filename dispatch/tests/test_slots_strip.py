"""The calendar strip: the viewer's hours, counted by the database."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.models import Slot
from dispatch.slots import ledger
from dispatch.slots.strip import strip
from dispatch.tests.expected import planned, utc

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def slots(schedule, outcome, *moments):
    for at in moments:
        Slot.objects.create(schedule=schedule, at=utc(at), outcome=outcome)


def shown(day) -> dict[str, str]:
    """What stands in a day's cells, by the hour and how the zone calls it."""
    return {
        f"{hour.local:%H:%M %Z}": hour.said
        for place in day.hours
        for hour in place
        if hour.look
    }


def test_a_cell_counts_its_hours_slots_and_shows_the_worst():
    schedule = planned(utc("2026-03-01 00:00"))
    slots(schedule, "ran", "2026-03-01 10:00", "2026-03-01 10:59", "2026-03-01 11:00")
    slots(schedule, "missed", "2026-03-01 10:30")
    slots(planned(utc("2026-03-01 00:00"), "other"), "late", "2026-03-01 10:40")
    found = strip(schedule, 2, ZoneInfo("UTC"), utc("2026-03-01 12:00"))
    assert [day.date for day in found.days] == [date(2026, 3, 1), date(2026, 2, 28)]
    (ten,), (eleven,) = found.days[0].hours[10:12]
    assert (ten.look.sign, ten.said) == ("✕", "1 missed, 2 ran")
    assert (eleven.look.sign, eleven.said) == ("✓", "1 ran")
    assert ten.query == "since=2026-03-01T10%3A00%3A00Z&until=2026-03-01T11%3A00%3A00Z"
    assert shown(found.days[1]) == {}


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("Asia/Kolkata", "2026-03-01 10:29", "15:00 IST"),
        ("Asia/Kolkata", "2026-03-01 10:30", "16:00 IST"),
        ("Asia/Kathmandu", "2026-03-01 10:14", "15:00 +0545"),
        ("Asia/Kathmandu", "2026-03-01 10:15", "16:00 +0545"),
    ],
)
def test_hours_of_zones_with_odd_offsets_begin_where_theirs_do(zone, at, expected):
    schedule = planned(utc("2026-03-01 00:00"))
    slots(schedule, "ran", at)
    found = strip(schedule, 1, ZoneInfo(zone), utc("2026-03-01 12:00"))
    assert shown(found.days[0]) == {expected: "1 ran"}


def test_a_day_of_23_hours_has_a_gap_and_one_of_25_an_hour_twice():
    berlin = ZoneInfo("Europe/Berlin")
    schedule = planned(utc("2026-03-01 00:00"))
    slots(schedule, "ran", "2026-03-29 00:30", "2026-03-29 01:30")
    spring = strip(schedule, 1, berlin, utc("2026-03-29 12:00")).days[0]
    assert [len(place) for place in spring.hours[:5]] == [1, 1, 0, 1, 1]
    assert shown(spring) == {"01:00 CET": "1 ran", "03:00 CEST": "1 ran"}

    slots(schedule, "ran", "2026-10-25 00:30")
    slots(schedule, "late", "2026-10-25 01:30")
    autumn = strip(schedule, 1, berlin, utc("2026-10-25 12:00")).days[0]
    assert [len(place) for place in autumn.hours[:5]] == [1, 1, 2, 1, 1]
    assert shown(autumn) == {"02:00 CEST": "1 ran", "02:00 CET": "1 late"}
    first, second = autumn.hours[2]
    assert first.until == second.since == utc("2026-10-25 01:00")


def test_half_an_hour_that_comes_twice_is_a_cell_of_its_own():
    # Lord Howe goes back from 02:00 to 01:30 on 5 April.
    howe = ZoneInfo("Australia/Lord_Howe")
    schedule = planned(utc("2026-04-01 00:00"))
    slots(schedule, "ran", "2026-04-04 14:45", "2026-04-04 15:15")
    day = strip(schedule, 1, howe, utc("2026-04-05 00:00")).days[0]
    lengths = [hour.until - hour.since for hour in day.hours[1]]
    assert lengths == [timedelta(hours=1), timedelta(minutes=30)]
    assert sum(len(place) for place in day.hours) == 25
    assert shown(day) == {"01:00 +11": "1 ran", "01:30 +1030": "1 ran"}


def test_all_slots_of_a_schedule_of_each_minute_are_counted_in_one_query(
    django_assert_num_queries, reconfigured
):
    reconfigured("scheduler", mode="embedded", zone="UTC")
    at = utc("2026-03-29 00:00")
    schedule = planned(at - timedelta(days=3), cron="* * * * *")
    ledger.fill(schedule, at)
    with django_assert_num_queries(1):
        found = strip(schedule, 3, ZoneInfo("UTC"), at)
    total = sum(
        (hour.counts for day in found.days for place in day.hours for hour in place),
        Counter(),
    )
    # Today has begun with its first slot; the first day of the ledger is not shown.
    assert total == {"due": 2 * 24 * 60 + 1}
