"""/api/v1/runs: all of them, one as it happens, its log, and the buttons at it."""

from datetime import timedelta

import pytest

from dispatch.models import Run, Schedule
from dispatch.runs import tail
from dispatch.tests.rows import NOON, run_row, schedule_row, step_row
from showroom.models import Batch
from showroom.tests.conftest import champion, mailbox  # noqa: F401

pytestmark = pytest.mark.django_db

URL = "/api/v1/runs"


@pytest.fixture
def schedule():
    return schedule_row()


@pytest.fixture
def ana(caller):
    return caller("researcher", "ana")


@pytest.fixture
def otto(caller):
    return caller("operator", "otto")


def listed(program, query: str = "") -> list[int]:
    answer = program.get(f"{URL}?{query}")
    assert answer.status_code == 200
    return [one["id"] for one in answer.json()["results"]]


def brief(run: Run, **values) -> dict:
    return {
        "id": run.pk,
        "url": f"/dispatch/runs/{run.pk}/",
        "schedule": "nightly",
        "state": "success",
        "reason": "",
        "trigger": "clock",
        "slot": None,
        "by": None,
        "version": None,
        "batch": None,
        "created_at": "2026-06-01T12:00:00Z",
        "started_at": None,
        "finished_at": None,
        "took": None,
        "tries": 0,
        "not_before": None,
        "cancel_requested": False,
        "n_files": 0,
        "n_bytes": 0,
        "n_waiting": 0,
        "n_known": 0,
        "n_rows": 0,
        "n_scored": 0,
        "n_pulsars": 0,
        "n_rejected": 0,
    } | values


def test_a_run_says_how_far_it_is(ana, schedule, champion, person):  # noqa: F811
    batch = Batch.objects.create(title="Night", version=champion)
    run = run_row(
        schedule,
        batch=batch,
        version=champion,
        by=person("operator", "olga"),
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=65.5),
        n_files=2,
        n_bytes=5_000_000_000,
        n_rows=40,
        notes=["sky.txt: it is no table."],
        output={"path": "/data/a.csv"},
        host="mill",
    )
    step_row(run, "collected", 2, files=2)
    found = brief(
        run,
        batch=batch.pk,
        version=str(champion),
        by="olga",
        started_at="2026-06-01T12:00:00Z",
        finished_at="2026-06-01T12:01:05.500Z",
        took="PT1M5.5S",
        n_files=2,
        n_bytes=5_000_000_000,
        n_rows=40,
    )

    page = {"previous": None, "next": None, "results": [found]}
    assert ana.get(URL).json() == page
    told = ana.get(f"{URL}/{run.pk}").json()
    steps = told.pop("steps")
    assert told == found | {
        "host": "mill",
        "attempts": 0,
        "notes": ["sky.txt: it is no table."],
        "earlier": [],
        "output": {"path": "/data/a.csv"},
        "served": [],
        "line": None,
    }
    assert steps[0] == {
        "name": "collected",
        "state": "done",
        "attempt": 1,
        "started_at": "2026-06-01T12:00:00Z",
        "finished_at": "2026-06-01T12:00:02Z",
        "took": "PT2S",
        "detail": {"files": 2},
    }
    assert [(one["name"], one["state"], one["took"]) for one in steps[1:]] == [
        ("loaded", "never", None),
        ("inferred", "never", None),
        ("persisted", "never", None),
    ]


def test_a_private_batch_of_somebody_else_is_not_told(
    ana,
    caller,
    schedule,
    champion,  # noqa: F811
    person,
):
    owner = person("researcher", "olga")
    batch = Batch.objects.create(private=True, owner=owner, version=champion)
    run = run_row(schedule, batch=batch)

    def seen(program) -> tuple[object, object]:
        [row] = program.get(URL).json()["results"]
        return row["batch"], program.get(f"{URL}/{run.pk}").json()["batch"]

    assert seen(ana) == (None, None)
    assert seen(caller("researcher", "olga")) == (batch.pk, batch.pk)
    assert seen(caller("admin")) == (batch.pk, batch.pk)


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    ana, schedule, django_assert_max_num_queries
):
    run_row(schedule)
    listed(ana)
    for minute in range(20):
        run_row(schedule, minute=minute)
    with django_assert_max_num_queries(12):
        assert len(listed(ana)) == 21


def test_they_are_found_by_schedule_state_and_time(ana, schedule):
    other = schedule_row("other")
    first, second = run_row(schedule), run_row(other, "failed", 1)
    third = run_row(schedule, "failed", 2, n_files=1)
    Schedule.objects.filter(pk=other.pk).update(live=None)

    assert listed(ana) == [third.pk, second.pk, first.pk]
    assert listed(ana, "schedule=nightly") == [third.pk, first.pk]
    assert listed(ana, "schedule=other") == [second.pk]
    assert listed(ana, "schedule=never") == []
    assert listed(ana, "state=failed") == [third.pk, second.pk]
    assert listed(ana, "reading=true") == [third.pk]
    assert listed(ana, "since=2026-06-01T12:01:00Z&until=2026-06-01T12:02:00Z") == [
        second.pk
    ]
    assert listed(ana, "page_size=2") == [third.pk, second.pk]


def test_what_cannot_be_asked_is_refused(ana):
    for query in (
        "state=tired",
        "schedule=%00",
        f"schedule={'x' * 10_000}",
        "since=0001-01-01T00:00:00%2B14:00",
        "reading=perhaps",
        "cursor=cD1hYmM%3D",
    ):
        assert ana.get(f"{URL}?{query}").status_code == 422
    for number in ("0", "-1", str(10**18), str(10**40)):
        assert ana.get(f"{URL}/{number}").status_code == 404
        assert ana.get(f"{URL}/{number}/log").status_code == 404
    assert ana.get(f"{URL}/x").status_code == 422


def test_the_log_is_followed_line_by_line(ana, schedule, storage):
    run = run_row(schedule, "running")
    address = f"{URL}/{run.pk}/log"
    assert ana.get(address).json() == {"text": "", "after": 0, "is_under_way": True}
    path = tail.path(run)
    path.parent.mkdir()
    path.write_text("Erstens: größer.\nHalf a li")

    first = ana.get(address).json()
    assert (first["text"], first["after"]) == ("Erstens: größer.\n", 19)
    path.write_text("Erstens: größer.\nHalf a line.\n")
    Run.objects.update(state="success", open=None)
    assert ana.get(f"{address}?after=19").json() == {
        "text": "Half a line.\n",
        "after": 32,
        "is_under_way": False,
    }
    # Past its end there is nothing, until it has grown so long.
    assert ana.get(f"{address}?after=2000000000").json()["after"] == 32
    for wrong in ("-1", str(10**40), "x"):
        assert ana.get(f"{address}?after={wrong}").status_code == 422


def test_a_run_that_waits_is_cancelled_and_tried_again(otto, schedule, mailbox):  # noqa: F811
    run = run_row(schedule, "queued")
    assert otto.get(f"{URL}/{run.pk}").json()["line"] == {
        "before": 0,
        "working": 0,
        "most": 2,
    }

    answer = otto.post(f"{URL}/{run.pk}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    again = otto.post(f"{URL}/{run.pk}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert mailbox() == [(run.pk, "heavy")]
    refused = otto.post(f"{URL}/{run.pk}/retry")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Only a run that failed or was cancelled can be tried again.",
    )


def test_what_has_ended_stays_as_it_is(otto, schedule):
    run = run_row(schedule)
    answer = otto.post(f"{URL}/{run.pk}/cancel")

    assert (answer.status_code, answer.json()["state"]) == (202, "success")
    assert otto.post(f"{URL}/{10**40}/cancel").status_code == 404


def test_only_operators_press_the_buttons(ana, caller, schedule):
    run = run_row(schedule, "queued")
    for program in (ana, caller("operator", read_only=True)):
        for act in ("cancel", "retry"):
            assert program.post(f"{URL}/{run.pk}/{act}").status_code == 403
    run.refresh_from_db()
    assert run.state == "queued"
