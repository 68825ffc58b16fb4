"""/api/v1/schedules/…/slots: what became of them."""

from datetime import timedelta

import pytest

from dispatch.models import Slot
from dispatch.tests.rows import NOON, run_row, schedule_row

pytestmark = pytest.mark.django_db

URL = "/api/v1/schedules/nightly/slots"


@pytest.fixture
def schedule():
    return schedule_row()


@pytest.fixture
def ana(caller):
    return caller("researcher", "ana")


def slot(schedule, hour: int, outcome: str = "ran", **values) -> Slot:
    at = NOON + timedelta(hours=hour)
    return Slot.objects.create(schedule=schedule, at=at, outcome=outcome, **values)


def listed(program, query: str = "") -> list[str]:
    answer = program.get(f"{URL}?{query}")
    assert answer.status_code == 200
    return [one["at"][11:16] for one in answer.json()["results"]]


def test_a_slot_says_what_became_of_it_and_by_which_runs(ana, schedule):
    served = run_row(schedule)
    found = slot(schedule, 1, "late", evidence="Started 2 h late.", settled_at=NOON)
    refused = run_row(schedule, "skipped", slot=found)
    Slot.objects.update(run=served)

    assert ana.get(URL).json() == {
        "previous": None,
        "next": None,
        "results": [
            {
                "at": "2026-06-01T13:00:00Z",
                "outcome": "late",
                "evidence": "Started 2 h late.",
                "settled_at": "2026-06-01T12:00:00Z",
                "fold": 0,
                "runs": [served.pk, refused.pk],
            }
        ],
    }


def test_all_pages_are_all_slots_the_newest_first(ana, schedule):
    for hour in range(5):
        slot(schedule, hour)
    slot(schedule_row("other"), 7)
    seen, address = [], f"{URL}?page_size=2"
    while address:
        page = ana.get(address).json()
        seen += [one["at"][11:16] for one in page["results"]]
        address = page["next"]
    assert seen == ["16:00", "15:00", "14:00", "13:00", "12:00"]


def test_they_are_found_by_their_outcome_and_their_time(ana, schedule):
    for hour, outcome in enumerate(["ran", "missed", "ran", "missed"]):
        slot(schedule, hour, outcome)

    assert listed(ana, "outcome=missed") == ["15:00", "13:00"]
    # A moment may be given in any zone: 16:00 in Berlin is 14:00 here.
    since = "since=2026-06-01T16:00:00%2B02:00"
    assert listed(ana, since) == ["15:00", "14:00"]
    assert listed(ana, f"{since}&until=2026-06-01T15:00:00Z") == ["14:00"]


def test_what_cannot_be_asked_is_refused(ana, schedule):
    for query in (
        "outcome=lost",
        "since=yesterday",
        "since=2026-06-01T12:00:00",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=9999-12-31T23:59:59-14:00",
        "cursor=x",
        "page_size=0",
    ):
        assert ana.get(f"{URL}?{query}").status_code == 422
    assert ana.get(URL.replace("nightly", "other")).status_code == 404
