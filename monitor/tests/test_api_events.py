"""/api/v1/events: what happened, page by page and as a file."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from monitor.models import Event, Outbox

pytestmark = pytest.mark.django_db

URL = "/api/v1/events"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


@pytest.fixture
def no_log():
    """The event log without its table, as a database that is not there."""
    with connections["events"].cursor() as cursor:
        cursor.execute("ALTER TABLE monitor_event RENAME TO away")
    yield
    with connections["events"].cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO monitor_event")


def log(minute: int, model=Event, **values):
    at = NOON + timedelta(minutes=minute)
    given = {"kind": "batch.scored", "about": f"batch {minute}", "at": at}
    return model.objects.create(**(given | values))


def listed(program, query: str = "") -> list[str]:
    answer = program.get(f"{URL}?{query}")
    assert answer.status_code == 200
    return [one["about"] for one in answer.json()["results"]]


def test_an_event_says_what_happened_and_who_did_it(otto, person):
    olga = person("operator", "olga")
    detail = {"rows": 40, "files": ["größe.csv"]}
    logged = log(1, who=str(olga.pk), detail=detail, request_id="abc")
    waits = log(2, Outbox, who="999")

    assert otto.get(URL).json() == {
        "next": None,
        "results": [
            {
                "uuid": str(waits.uuid),
                "at": "2026-06-01T12:02:00Z",
                "kind": "batch.scored",
                "about": "batch 2",
                "who": None,
                "detail": {},
                "request_id": "",
                "is_waiting": True,
            },
            {
                "uuid": str(logged.uuid),
                "at": "2026-06-01T12:01:00Z",
                "kind": "batch.scored",
                "about": "batch 1",
                "who": "olga",
                "detail": detail,
                "request_id": "abc",
                "is_waiting": False,
            },
        ],
    }


def test_all_pages_are_all_events_of_both_places(otto):
    for minute in range(7):
        log(minute, Event if minute % 2 else Outbox)
    log(0, kind="batch.failed")
    seen, address = [], f"{URL}?page_size=2&kind=batch.scored"
    while address:
        page = otto.get(address).json()
        seen += [one["about"] for one in page["results"]]
        address = page["next"]
    assert seen == [f"batch {minute}" for minute in range(6, -1, -1)]


def test_they_are_found_by_kind_thing_person_and_time(otto, person):
    olga = person("operator", "olga")
    log(1, who=str(olga.pk))
    log(2, kind="batch.failed")
    log(3, Outbox)

    assert listed(otto, "kind=batch.failed") == ["batch 2"]
    assert listed(otto, "about=batch 3") == ["batch 3"]
    assert listed(otto, "who=olga") == ["batch 1"]
    since = "since=2026-06-01T14:02:00%2B02:00"
    assert listed(otto, since) == ["batch 3", "batch 2"]
    assert listed(otto, f"{since}&until=2026-06-01T12:03:00Z") == ["batch 2"]


@pytest.mark.parametrize("address", [URL, f"{URL}.csv", f"{URL}.jsonl"])
def test_what_cannot_be_asked_is_refused(otto, address):
    for query in (
        "kind=batch.eaten",
        "kind=%00",
        "about=%00",
        f"about={'x' * 10_000}",
        "who=nobody",
        "who=%00",
        "since=yesterday",
        "since=0001-01-01T00:00:00%2B14:00",
        "since=2026-06-02T00:00:00Z&until=2026-06-01T00:00:00Z",
    ):
        assert otto.get(f"{address}?{query}").status_code == 422


def test_a_cursor_of_ones_own_breaks_nothing(otto):
    log(1)
    for cursor in (
        "x",
        "%00",
        "2026-06-01T12:00:00,0,1",
        "0001-01-01T00:00:00%2B14:00,0,1",
        "2026-06-01T12:00:00Z,0,x",
    ):
        answer = otto.get(f"{URL}?cursor={cursor}")
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {"loc": ["query", "cursor"], "msg": "This is no cursor of ours."}
        ]
    assert otto.get(f"{URL}?cursor=2026-06-01T13:00:00Z,1,{10**40}").status_code == 200


def test_a_log_that_is_away_is_said(otto, no_log):
    for address in (URL, f"{URL}.csv", f"{URL}.jsonl"):
        answer = otto.get(address)
        assert (answer.status_code, answer.json()["detail"]) == (
            503,
            "The event log cannot be reached; try again in a minute.",
        )


def test_all_that_is_wanted_comes_as_a_table_and_line_by_line(otto, person):
    olga = person("operator", "olga")
    log(1, who=str(olga.pk), about="=1+1", detail={"n": 1})
    log(2, Outbox, kind="batch.failed")

    answer = otto.get(f"{URL}.csv?kind=batch.scored")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.getvalue().decode()))) == [
        ["at", "kind", "about", "who", "name", "detail", "request_id", "state"],
        [
            "2026-06-01T12:01:00+00:00",
            "batch.scored",
            "'=1+1",
            str(olga.pk),
            "olga",
            '{"n": 1}',
            "",
            "logged",
        ],
    ]
    answer = otto.get(f"{URL}.jsonl")
    assert answer["Content-Disposition"] == 'attachment; filename="events.jsonl"'
    told = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert [(one["about"], one["who"], one["is_waiting"]) for one in told] == [
        ("batch 2", None, True),
        ("=1+1", "olga", False),
    ]


def test_only_who_may_read_the_log_reads_it(caller):
    for address in (URL, f"{URL}.csv", f"{URL}.jsonl"):
        assert caller("researcher").get(address).status_code == 403
        assert caller("operator", read_only=True).get(address).status_code == 200
