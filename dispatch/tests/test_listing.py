"""The list of all runs: filters, pages, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection

from dispatch.models import Run
from dispatch.runs import listing
from dispatch.runs.listing import Wanted
from dispatch.tests.rows import NOON, run_row, schedule_row
from monitor.place import BadPlace, Place

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_paging_by_key_shows_each_run_once_though_many_share_a_moment():
    schedule = schedule_row()
    made = [run_row(schedule, minute=number // 4).pk for number in range(10)]

    seen, before = [], None
    while True:
        page = listing.page(Wanted(), before, 3)
        seen.append([run.pk for run in page.runs])
        if not page.older:
            break
        before = Place.named(str(page.older))

    newest_first = made[::-1]
    assert seen == [newest_first[first : first + 3] for first in range(0, 10, 3)]


def test_a_last_page_that_is_just_full_has_no_older_one():
    schedule = schedule_row()
    for _ in range(3):
        run_row(schedule)

    assert listing.page(Wanted(), None, 3).older is None
    assert listing.page(Wanted(), None, 2).older is not None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"state": "failed"}, [3, 1]),
        ({"since": NOON + HOUR}, [4, 3, 2, 1]),
        ({"until": NOON + HOUR}, [0]),
        ({"reading": True}, [2]),
        ({"state": "failed", "since": NOON + 2 * HOUR}, [3]),
    ],
)
def test_the_filter_leaves_what_fits(wanted, expected):
    schedule = schedule_row()
    runs = [
        run_row(schedule, state, 60 * hour, n_files=2 if hour == 2 else 0)
        for hour, state in enumerate(
            ["success", "failed", "success", "failed", "skipped"]
        )
    ]

    page = listing.page(Wanted(**wanted), None, 10)

    assert page == ([runs[hour] for hour in expected], None)


def test_the_runs_of_one_schedule_are_its_own():
    one, other = schedule_row("one"), schedule_row("other")
    mine = run_row(one)
    run_row(other)

    assert listing.page(Wanted(schedule=one), None, 10).runs == [mine]


@pytest.mark.parametrize(
    "text",
    ["x", "1,2,3", "2026-06-01T12:00,1", "a,b", "2026-06-01T12:00Z,0",
     f"2026-06-01T12:00Z,{2**63}", "2026-13-01T12:00Z,1", "0001-01-01T00:00+14:00,1"],
)  # fmt: skip
def test_a_place_that_cannot_be_is_refused(text):
    with pytest.raises(BadPlace):
        Place.named(text)


@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        ({}, {"run_at"}),
        ({"state": "success"}, {"run_in_state"}),
        ({"since": NOON, "until": NOON}, {"run_at"}),
        ({"reading": True}, {"run_at"}),
        ({"schedule": True}, {"run_of_schedule"}),
        ({"schedule": True, "state": "failed"}, {"run_of_schedule", "run_in_state"}),
    ],
)
def test_no_filter_makes_the_database_sort_or_read_everything(wanted, indexes):
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    if "schedule" in wanted:
        wanted = wanted | {"schedule": schedule_row()}

    runs = Wanted(**wanted).among(Run.objects.filter(created_at__lte=NOON))
    plan = listing.newest(runs)[:50].explain()

    assert any(f"USING INDEX {index} " in f"{plan} " for index in indexes)
    assert "TEMP B-TREE" not in plan


def test_a_page_of_runs_is_read_by_one_question(django_assert_num_queries):
    for number in range(5):
        schedule = schedule_row(f"number-{number}")
        run_row(schedule)

    with django_assert_num_queries(1):
        names = [run.schedule.name for run in listing.page(Wanted(), None, 10).runs]
    assert len(names) == 5
