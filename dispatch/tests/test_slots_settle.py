"""What nothing started in time gets its outcome, with the proof of it."""

from datetime import timedelta

import pytest

from dispatch.models import Slot
from dispatch.slots import catch_up, ledger
from dispatch.slots.settle import settle
from dispatch.tests.expected import begun, outcomes, planned, ran, ticked, told, utc
from monitor.models import Outbox, Skip, Switch

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

EVENING = utc("2026-03-01 22:30")
MORNING = utc("2026-03-02 03:12")
ALIVE = "The clock was alive, but nothing started it."
DOWN = "The clock gave no sign of life from 2026-03-01 22:58 to 2026-03-02 03:12 UTC."


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", mode="embedded", zone="UTC")


def night(slug: str = "nightly", **values: object):
    """An hourly schedule on a host that was down over night, with what it missed."""
    ticked(EVENING, utc("2026-03-01 22:58"))
    ticked(MORNING, MORNING + timedelta(minutes=3))
    schedule = planned(EVENING, slug, **values)
    ledger.fill(schedule, MORNING)
    settle(schedule, MORNING + timedelta(minutes=3))
    return schedule


def missed() -> list[dict[str, object]]:
    return [row.detail for row in Outbox.objects.filter(kind="slot.missed")]


def test_a_slot_is_given_time_to_start():
    schedule = planned(EVENING, start_within=300)
    ledger.fill(schedule, utc("2026-03-01 23:00"))
    settle(schedule, utc("2026-03-01 23:05"))
    assert outcomes(schedule) == ["due"]
    settle(schedule, utc("2026-03-01 23:05") + timedelta(seconds=1))
    assert outcomes(schedule) == ["waiting"]


def test_after_a_night_without_a_clock_none_of_the_slots_runs_by_the_policy_none():
    schedule = night(catch_up="none")
    hours = ("01 23", "02 00", "02 01", "02 02", "02 03")
    assert told(schedule) == [(f"{hour}:00", "missed", DOWN) for hour in hours]
    assert missed() == [
        {
            "count": 5,
            "first": "2026-03-01T23:00Z",
            "last": "2026-03-02T03:00Z",
            "why": DOWN,
        }
    ]


def test_by_the_policy_last_the_youngest_waits_and_stands_for_the_older_ones():
    schedule = night(catch_up="last")
    stands = f"{DOWN} The slot of 2026-03-02 03:00 UTC stands for it."
    assert told(schedule) == [
        *(
            (f"{hour}:00", "superseded", stands)
            for hour in ("01 23", "02 00", "02 01", "02 02")
        ),
        ("02 03:00", "waiting", DOWN),
    ]
    assert [event["count"] for event in missed()] == [5]


def test_by_the_policy_all_as_many_wait_as_its_limit_allows():
    schedule = night(catch_up="all", catch_up_most=2)
    beyond = f"{DOWN} Beyond the limit of 2 that run later."
    assert told(schedule) == [
        *((f"{hour}:00", "missed", beyond) for hour in ("01 23", "02 00", "02 01")),
        ("02 02:00", "waiting", DOWN),
        ("02 03:00", "waiting", DOWN),
    ]


def test_of_two_gaps_together_no_more_wait_than_the_limit_allows():
    schedule = planned(EVENING, catch_up="all", catch_up_most=2)
    for until in ("2026-03-02 00:30", "2026-03-02 01:30"):
        ledger.fill(schedule, utc(until))
        settle(schedule, utc(until))
    assert outcomes(schedule) == ["missed", "waiting", "waiting"]
    oldest = schedule.slots.earliest("at")
    assert oldest.evidence.endswith("Beyond the limit of 2 that run later.")


def test_by_the_policy_last_a_second_gap_supersedes_what_waited():
    schedule = planned(EVENING, catch_up="last")
    for until in ("2026-03-02 00:30", "2026-03-02 01:30"):
        ledger.fill(schedule, utc(until))
        settle(schedule, utc(until))
    assert outcomes(schedule) == ["superseded", "superseded", "waiting"]


def test_what_a_younger_slot_served_already_does_not_run_again():
    schedule = planned(EVENING, catch_up="last")
    ran(schedule, utc("2026-03-02 00:00"))
    ledger.fill(schedule, utc("2026-03-02 00:01"))
    settle(schedule, utc("2026-03-02 00:01"))
    assert outcomes(schedule) == ["superseded", "ran"]


def test_a_slot_that_a_living_clock_passed_over_says_so_and_one_event_is_enough():
    ticked(EVENING, MORNING)
    schedule = planned(EVENING, catch_up="none")
    for until in ("2026-03-01 23:30", "2026-03-02 00:30", "2026-03-02 01:30"):
        ledger.fill(schedule, utc(until))
        settle(schedule, utc(until))
    assert [(outcome, why) for _, outcome, why in told(schedule)] == [
        ("missed", ALIVE)
    ] * 3
    assert [event["count"] for event in missed()] == [1]
    ran(schedule, utc("2026-03-02 02:00"))
    ledger.fill(schedule, utc("2026-03-02 03:30"))
    settle(schedule, utc("2026-03-02 03:30"))
    assert len(missed()) == 2


def test_a_single_minute_without_the_clock_is_seen():
    ticked(EVENING, utc("2026-03-01 22:59"))
    ticked(utc("2026-03-01 23:01"), MORNING)
    schedule = planned(EVENING, catch_up="none")
    ledger.fill(schedule, utc("2026-03-01 23:30"))
    settle(schedule, utc("2026-03-01 23:30"))
    silence = "from 2026-03-01 22:59 to 2026-03-01 23:01 UTC."
    why = f"The clock gave no sign of life {silence}"
    assert told(schedule) == [("01 23:00", "missed", why)]


def test_a_silence_that_is_seen_to_go_on_is_told_of_once():
    ticked(EVENING, utc("2026-03-01 22:58"))
    schedule = planned(EVENING, catch_up="none")
    for until in ("2026-03-01 23:30", "2026-03-02 00:30"):
        ledger.fill(schedule, utc(until))
        settle(schedule, utc(until))
    silence = "The clock gave no sign of life from 2026-03-01 22:58 to"
    assert told(schedule) == [
        ("01 23:00", "missed", f"{silence} 2026-03-01 23:30 UTC."),
        ("02 00:00", "missed", f"{silence} 2026-03-02 00:30 UTC."),
    ]
    assert len(missed()) == 1


def test_what_a_start_took_meanwhile_no_longer_waits_and_is_left_alone():
    schedule = planned(EVENING)
    slot = Slot.objects.create(schedule=schedule, at=EVENING, outcome="waiting")
    Slot.objects.update(outcome="late", evidence="Started.")
    catch_up._end(slot, Slot.Outcome.PAUSED, "Paused.", MORNING)
    assert told(schedule) == [("01 22:30", "late", "Started.")]


def test_without_any_earlier_sign_that_is_said():
    schedule = planned(EVENING, catch_up="none")
    ledger.fill(schedule, utc("2026-03-01 23:30"))
    settle(schedule, utc("2026-03-01 23:30"))
    why = "The clock gave no sign of life before 2026-03-01 23:30 UTC."
    assert told(schedule) == [("01 23:00", "missed", why)]


def test_slots_of_a_pause_are_paused_and_name_who_when_and_why(person):
    ticked(EVENING, MORNING)
    schedule = planned(EVENING)
    who = str(person("operator", "ana").pk)
    pause = {"job": schedule.job, "on": False, "who": who, "reason": "new disk"}
    Switch.objects.create(at=utc("2026-03-01 23:30"), **pause)
    Switch.objects.create(
        at=utc("2026-03-02 01:30"), job=schedule.job, on=True, who=who
    )
    ledger.fill(schedule, MORNING)
    settle(schedule, MORNING)
    paused = "Paused by ana 2026-03-01 23:30 UTC: new disk"
    stands = f"{ALIVE} The slot of 2026-03-02 03:00 UTC stands for it."
    assert told(schedule) == [
        ("01 23:00", "superseded", stands),
        ("02 00:00", "paused", paused),
        ("02 01:00", "paused", paused),
        ("02 02:00", "superseded", stands),
        ("02 03:00", "waiting", ALIVE),
    ]


def test_a_line_taken_out_by_hand_pauses_too():
    ticked(EVENING, MORNING)
    schedule = planned(EVENING)
    Switch.objects.create(at=EVENING, job=schedule.job, on=False, who="hand edit")
    ledger.fill(schedule, utc("2026-03-01 23:00"))
    settle(schedule, MORNING)
    why = "Paused by hand edit 2026-03-01 22:30 UTC."
    assert told(schedule) == [("01 23:00", "paused", why)]
    assert missed() == []


def test_a_schedule_that_is_paused_now_makes_nothing_good():
    schedule = night(catch_up="all")
    at = MORNING + timedelta(hours=1)
    Switch.objects.create(at=at, job=schedule.job, on=False, who="hand edit")
    settle(schedule, at)
    assert outcomes(schedule) == ["paused"] * 5
    assert told(schedule)[0][2] == f"{DOWN} Paused by hand edit 2026-03-02 04:12 UTC."
    later = planned(EVENING, "later", catch_up="all")
    Switch.objects.create(at=MORNING, job=later.job, on=False, who="hand edit")
    ledger.fill(later, MORNING)
    settle(later, at)
    assert outcomes(later) == ["missed"] * 5


@pytest.mark.parametrize(
    ("concurrency", "expected"),
    [("Forbid", ["skipped", "missed"]), ("Queue", ["waiting", "missed"])],
)
def test_a_slot_that_no_start_came_for_while_a_run_was_open(concurrency, expected):
    ticked(EVENING, MORNING)
    schedule = planned(EVENING, concurrency=concurrency, catch_up="none")
    ended = {"open": None, "finished_at": utc("2026-03-01 23:50"), "state": "success"}
    run = begun(schedule, utc("2026-03-01 22:40"), **ended)
    # A start that was refused beside it was never open.
    again = {"open": None, "finished_at": utc("2026-03-01 22:50"), "state": "skipped"}
    begun(schedule, utc("2026-03-01 22:50"), **again)
    ledger.fill(schedule, utc("2026-03-02 00:00"))
    settle(schedule, MORNING)
    assert outcomes(schedule) == expected
    why = f"Run {run.pk} was open since 2026-03-01 22:40 UTC."
    assert told(schedule)[0][2] == why


def test_a_slot_to_be_left_out_is_skipped_though_nothing_asked_for_it():
    ticked(EVENING, MORNING)
    schedule = planned(EVENING)
    at = utc("2026-03-01 23:00")
    Skip.objects.create(job=schedule.job, slot=at, who="7", reason="storm")
    ledger.fill(schedule, at)
    settle(schedule, MORNING)
    why = "Left out by number 7: storm"
    assert told(schedule) == [("01 23:00", "skipped", why)]


def test_of_two_that_settle_at_once_one_tells_it(monkeypatch):
    schedule = planned(EVENING, catch_up="none")
    ledger.fill(schedule, MORNING)
    stale = [list(schedule.slots.values_list("pk", "at"))]
    settle(schedule, MORNING)
    slots = Slot.objects.filter(pk__in=[pk for pk, _ in stale[0]])
    before = list(slots.values())
    # What the second has read before the first wrote.
    monkeypatch.setattr("dispatch.slots.settle._due", lambda *_: stale[0])
    settle(schedule, MORNING + timedelta(seconds=1))
    assert list(slots.values()) == before
    assert len(missed()) == 1


def test_ten_thousand_slots_of_a_gap_are_one_event_and_one_that_waits(
    django_assert_max_num_queries,
):
    schedule = planned(EVENING, cron="* * * * *", catch_up="last")
    at = EVENING + timedelta(minutes=10_000)
    ledger.fill(schedule, at)
    with django_assert_max_num_queries(90):
        settle(schedule, at + timedelta(hours=1))
    found = outcomes(schedule)
    assert (found.count("superseded"), found[-1]) == (9_999, "waiting")
    assert [event["count"] for event in missed()] == [10_000]
