"""What the night report says of schedules."""

from datetime import timedelta

import pytest

from dispatch.models import Slot
from dispatch.night import SHOWN, runs
from dispatch.tests.rows import NOON, run_row, schedule_row
from monitor.report.night import Night
from monitor.report.sections import Need

pytestmark = pytest.mark.django_db

NIGHT = Night(NOON, NOON + timedelta(days=1))
MINUTE = timedelta(minutes=1)


def slot(schedule, minute: int, outcome: str) -> None:
    Slot.objects.create(schedule=schedule, at=NOON + minute * MINUTE, outcome=outcome)


def ended(schedule, state: str, minute: int, took: int = 1, **values: object):
    begun = NOON + minute * MINUTE
    return run_row(
        schedule,
        state,
        minute,
        started_at=begun,
        finished_at=begun + took * MINUTE,
        **values,
    )


def values(section) -> list[tuple[object, ...]]:
    rows = section.table.rows if section.table else []
    return [tuple(cell.value for cell in row) for row in rows]


def test_slots_and_runs_are_counted_by_schedule_the_troubled_first():
    well, troubled = schedule_row("a-well"), schedule_row("troubled")
    for minute, outcome in enumerate(["ran", "ran", "late", "paused", "superseded"]):
        slot(well, minute, outcome)
    for minute in (-1, 24 * 60):
        slot(well, minute, "missed")
        run_row(well, "failed", minute)
    ended(well, "success", 0, took=3)
    ended(well, "success", 1, took=7)
    run_row(well, "skipped", 2)
    for minute, outcome in enumerate(["missed", "missed", "skipped", "ran"]):
        slot(troubled, minute, outcome)
    ended(troubled, "success", 2)
    failed = ended(troubled, "failed", 3, took=2, reason="The disk is full.")
    schedule_row("idle")

    section = runs(NIGHT)

    assert section.table.head == (
        *("Schedule", "Slots", "Ran", "Late", "Missed", "Skipped"),
        *("Well", "Failed", "Longest"),
    )
    assert values(section) == [
        ("Troubled", 4, 1, 0, 2, 1, 1, 1, 2 * MINUTE),
        ("A-well", 4, 2, 1, 0, 0, 2, 0, 7 * MINUTE),
    ]
    assert section.facts == (
        ("Runs", 4),
        ("Well", 3),
        ("Failed", 1),
        ("Slots", 8),
        ("Missed", 2),
    )
    assert section.note == "Besides: 1 paused, 1 superseded."
    assert section.told == "4 runs, 1 failed"
    assert section.needs == (
        Need("Troubled fails: The disk is full", failed.get_absolute_url()),
        Need("Troubled missed 2 slots", "/dispatch/troubled/slots/"),
    )


def test_a_schedule_that_ran_well_again_needs_nobody():
    schedule = schedule_row()
    ended(schedule, "failed", 1)
    ended(schedule, "success", 2)
    ended(schedule, "cancelled", 3)
    run_row(schedule, "running", 4)
    assert runs(NIGHT).needs == ()


def test_a_removed_schedule_is_counted_and_needs_nobody():
    schedule = schedule_row(live=None)
    slot(schedule, 0, "missed")
    ended(schedule, "failed", 0)
    section = runs(NIGHT)
    assert values(section)[0][0] == "Nightly (removed)"
    assert section.table.rows[0][0].url == ""
    assert section.needs == ()


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], "no runs"),
        (["success"], "1 run, all well"),
        (["success", "success"], "2 runs, all well"),
        (["success", "running"], "2 runs, none failed"),
        (["success", "failed"], "2 runs, 1 failed"),
        (["skipped"], "no runs"),
    ],
)
def test_the_first_sentence_says_how_the_runs_went(states, told):
    schedule = schedule_row()
    for minute, state in enumerate(states):
        run_row(schedule, state, minute)
    assert runs(NIGHT).told == told


def test_without_slots_and_runs_there_is_no_table():
    schedule_row()
    section = runs(NIGHT)
    assert (section.table, section.facts) == (None, ())
    assert section.empty == "No schedule was due, and nobody started a run."


def test_of_many_schedules_the_rest_is_counted():
    for number in range(SHOWN + 3):
        slot(schedule_row(f"s-{number:02}"), 0, "ran")
    section = runs(NIGHT)
    assert len(section.table.rows) == SHOWN
    assert section.table.more == "and 3 more schedules"


def test_its_link_leads_to_the_runs_of_these_days(client, person):
    client.force_login(person("operator"))
    run = run_row(schedule_row(), "success", 30)
    run_row(run.schedule, "success", 3 * 24 * 60)
    page = client.get(runs(NIGHT).url)
    assert page.context["page"].runs == [run]


def test_the_questions_stay_as_few_however_many_schedules_there_are(
    django_assert_num_queries,
):
    for number in range(5):
        schedule = schedule_row(f"s-{number}")
        slot(schedule, 0, "missed")
        ended(schedule, "failed", 0)
    with django_assert_num_queries(5):
        runs(NIGHT)
