"""/api/v1/schedules: looked up, made, changed, tried, removed and brought back."""

from datetime import UTC, datetime

import pytest
import time_machine

from dispatch.models import Run, Schedule
from dispatch.schedules.announce import announce
from dispatch.tests.pages import unwritable
from dispatch.tests.rows import run_row
from monitor.crontab import lines
from monitor.models import Outbox

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
URL = "/api/v1/schedules"
ONE = f"{URL}/nightly"


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", zone="UTC")


@pytest.fixture
def made(schedule):
    Schedule.objects.update(created_at=AT, changed_at=AT)
    announce(schedule)
    lines.sync()
    return schedule


@pytest.fixture
def ana(caller):
    """A researcher's program."""
    return caller("researcher", "ana")


@pytest.fixture
def boss(caller, admin):
    return caller("admin")


def given(folder, **values) -> dict:
    return {
        "name": "Each hour",
        "cron": "0 * * * *",
        "source": {"kind": "folder", "folder": str(folder), "patterns": ["*.csv"]},
    } | values


def send(program, method: str, address: str, body: object) -> tuple[int, dict]:
    ask = getattr(program, method)
    answer = ask(address, body, content_type="application/json")
    return answer.status_code, answer.json()


def wrong(told: dict) -> dict[str, str]:
    return {".".join(one["loc"][1:]): one["msg"] for one in told["errors"]}


def coming(day: int) -> dict:
    return {
        "at": f"2026-11-{day}T02:00:00Z",
        "local": f"2026-11-{day}T02:00+00:00",
        "mark": "",
        "said": "",
        "is_left_out": False,
    }


BRIEF = {
    "slug": "nightly",
    "url": "/dispatch/nightly/",
    "name": "Nightly",
    "source_kind": "folder",
    "sink_kind": "scores",
    "cron": "0 2 * * *",
    "words": "At 02:00",
    "tz": "UTC",
    "reference": "pulsar@champion",
    "concurrencyPolicy": "Forbid",
    "startingDeadlineSeconds": 300,
    "suspend": False,
    "paused": None,
    "line": "on",
    "next_run": "2026-11-22T02:00:00Z",
    "next_runs": [coming(day) for day in range(22, 27)],
    "last_run": None,
    "last_run_id": None,
    "last_state": None,
    "last_duration": None,
    "n_runs": 0,
    "problems": [],
    "owner": "admin",
    "created_at": "2026-11-21T10:30:00Z",
    "changed_at": "2026-11-21T10:30:00Z",
    "revision": 1,
}


@time_machine.travel(AT, tick=False)
def test_the_list_says_of_each_when_it_runs_and_how_it_fared(ana, made):
    assert ana.get(URL).json() == [BRIEF]

    long_ago = run_row(made, "success", started_at=AT, finished_at=AT)
    last = run_row(
        made,
        "failed",
        1,
        started_at=datetime(2026, 11, 21, 2, tzinfo=UTC),
        finished_at=datetime(2026, 11, 21, 3, 4, tzinfo=UTC),
    )
    run_row(made, "skipped", 2)
    assert long_ago.pk < last.pk
    assert ana.get(URL).json() == [
        BRIEF
        | {
            "last_run": "2026-11-21T02:00:00Z",
            "last_run_id": last.pk,
            "last_state": "failed",
            "last_duration": "PT1H4M",
            "n_runs": 2,
        }
    ]


@time_machine.travel(AT, tick=False)
def test_one_schedule_has_its_settings_besides(ana, made, champion, folder):
    assert ana.get(ONE).json() == BRIEF | {
        "source": made.source,
        "sink": {"kind": "scores"},
        "reads": f"*.csv in {folder}",
        "writes": "scores only, on the batch's page",
        "version": str(champion),
        "timeout_seconds": 3600,
        "retries": 2,
        "retry_seconds": 60,
        "catch_up": "last",
        "catch_up_most": 10,
        "position": None,
        "skips": [],
        "switches": [],
    }


def test_what_is_no_schedule_is_not_there(ana):
    for slug in ("other", "%00", "a%20b", "x" * 10_000):
        assert ana.get(f"{URL}/{slug}").status_code == 404


def test_an_admin_makes_one_as_the_form_does(boss, champion, folder):
    body = given(folder, timeout_seconds=100_001, startingDeadlineSeconds=90)
    status, told = send(boss, "post", URL, body)

    assert (status, told["slug"], told["problems"]) == (201, "each-hour", [])
    found = Schedule.objects.get()
    assert (found.cron, found.timeout_seconds, found.start_within) == (
        "0 * * * *",
        100_001,
        90,
    )
    assert found.source == {
        "kind": "folder",
        "folder": str(folder),
        "patterns": ["*.csv"],
        "recursive": False,
        "settle_seconds": 60,
        "marker": "",
    }
    assert lines.found()["dispatch-each-hour"].state == "on"
    assert told["line"] == "on"
    assert Outbox.objects.filter(kind="schedule.created").count() == 1


def test_all_that_is_wrong_is_said_by_its_field(boss, made, folder):
    body = given("/etc", name="Nightly", cron="61 * * * *", reference="pulsar@none")
    status, told = send(boss, "post", URL, body)

    assert status == 422
    assert set(wrong(told)) == {"slug", "cron", "reference", "source.folder"}
    for source, said in (
        ({}, "There is no source None; it is folder or table."),
        ({"kind": "folder", "folder": "/x", "no": 1}, "no: there is no such setting."),
        ({"kind": "folder"}, "folder: field required."),
    ):
        status, told = send(boss, "post", URL, given(folder, source=source))
        assert (status, wrong(told)) == (422, {"source": said})
    assert Schedule.objects.count() == 1


HOSTILE = [
    {"name": "\x00"},
    {"name": "x" * 101},
    {"name": None},
    {"slug": "\x00"},
    {"slug": "🔭"},
    {"cron": "\x00 * * * *"},
    {"cron": "9" * 120},
    {"reference": "\x00"},
    {"sink": {"kind": "files", "folder": "\x00", "format": "csv"}},
    {"sink": {"kind": ["scores"]}},
    {"source": {"kind": "folder", "folder": "\x00"}},
    {"source": {"kind": "folder", "folder": ["/"], "patterns": 5}},
    {"source": {"kind": "table", "connection": "c", "key": "k", "columns": {}}},
    {"retries": 10**30},
    {"timeout_seconds": 10**400},
    {"concurrencyPolicy": "Replace"},
    {"catch_up_most": 0},
    {"startingDeadlineSeconds": 1e300},
]


def test_what_cannot_be_is_refused(boss, champion, folder):
    refused = [send(boss, "post", URL, given(folder, **bad))[0] for bad in HOSTILE]

    assert refused == [422] * len(HOSTILE)
    assert not Schedule.objects.exists()


def test_a_line_that_cannot_be_written_is_said_and_the_schedule_is_made(
    boss, champion, folder, storage
):
    unwritable(storage)
    status, told = send(boss, "post", URL, given(folder))

    assert status == 201
    [problem] = told["problems"]
    assert problem.startswith("The schedule is saved, but not started yet: ")


@time_machine.travel(AT, tick=False)
def test_times_are_looked_at_before_a_schedule_is_made(boss, ana):
    assert boss.get("/api/v1/cron?cron=0 2 * * *").json() == {
        "cron": "0 2 * * *",
        "words": "At 02:00",
        "tz": "UTC",
        "next_runs": [coming(day) for day in range(22, 27)],
    }
    for cron in ("", "61 * * * *", "%00", "@reboot", "9" * 10_000):
        assert boss.get(f"/api/v1/cron?cron={cron}").status_code == 422
    assert ana.get("/api/v1/cron?cron=0 2 * * *").status_code == 403


def test_some_of_it_is_changed_as_it_was_at_a_revision(boss, made):
    body = {"revision": 1, "cron": "30 3 * * *", "concurrencyPolicy": "Queue"}
    status, told = send(boss, "patch", ONE, body)

    assert (status, told["revision"], told["cron"]) == (200, 2, "30 3 * * *")
    assert told["concurrencyPolicy"] == "Queue"
    assert told["source"]["patterns"] == ["*.csv"]
    status, told = send(boss, "patch", ONE, body)
    assert (status, told["detail"]) == (
        409,
        "Somebody has changed this schedule since you opened it.",
    )
    status, told = send(boss, "patch", ONE, {"revision": 2, "cron": "x"})
    assert (status, set(wrong(told))) == (422, {"cron"})
    assert send(boss, "patch", ONE, {"cron": "0 * * * *"})[0] == 422


def test_a_removed_one_is_brought_back_by_its_number(boss, made):
    answer = boss.delete(ONE)
    told = answer.json()

    assert answer.status_code == 200
    assert (told["id"], told["slug"], told["problem"]) == (made.pk, "nightly", "")
    assert boss.get(ONE).status_code == boss.delete(ONE).status_code == 404
    assert boss.get("/api/v1/removed-schedules").json() == [told]
    restore = f"/api/v1/removed-schedules/{made.pk}/restore"
    again = boss.post(restore)
    assert (again.status_code, again.json()["slug"]) == (200, "nightly")
    assert boss.get("/api/v1/removed-schedules").json() == []
    assert boss.post(restore).status_code == 404


def test_the_test_reads_some_rows_and_keeps_nothing(boss, made, champion):
    answer = boss.post(f"{ONE}/test")
    told = answer.json()

    assert answer.status_code == 200
    assert (told["version"], told["files"], len(told["rows"])) == (
        str(champion),
        ["sky.csv"],
        10,
    )
    assert {"prof_mean", "probability", "predicted"} < set(told["rows"][0])
    assert (told["rejects"], told["sink_problems"], told["waiting"]) == ([], [], [])
    assert not Run.objects.exists()


def test_a_source_that_is_away_is_said(boss, made):
    Schedule.objects.update(source=made.source | {"folder": "/nowhere"})
    answer = boss.post(f"{ONE}/test")

    assert answer.status_code == 409
    assert "/nowhere" in answer.json()["detail"]
    assert boss.get(ONE).json()["problems"] != []


def test_only_admins_make_change_and_remove_them(caller, ana, made, folder):
    for program in (ana, caller("operator"), caller("admin", read_only=True)):
        for method, address, body in (
            ("post", URL, given(folder)),
            ("patch", ONE, {"revision": 1}),
            ("delete", ONE, {}),
            ("post", f"{ONE}/test", {}),
            ("post", f"/api/v1/removed-schedules/{made.pk}/restore", {}),
        ):
            assert send(program, method, address, body)[0] == 403
        assert program.get(URL).status_code == 200
