"""/api/v1/jobs: what the clock starts when, how each is, and its switch."""

from datetime import UTC, datetime

import pytest
import time_machine

from monitor.crontab import lines
from monitor.models import Job, Outbox, Skip, Start
from monitor.processes import detached
from monitor.switching import switch
from monitor.tests.pages import check, job

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
URL = "/api/v1/jobs"
ONE = f"{URL}/nightly"


@pytest.fixture(autouse=True)
def zone(settings):
    scheduler = settings.PULSAR.scheduler.model_copy(update={"zone": "UTC"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})


@pytest.fixture
def nightly(storage):
    made = job("nightly")
    Job.objects.update(since=AT)
    return made


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    commands = []
    monkeypatch.setattr(
        detached, "start", lambda argv, environ=None: commands.append(list(argv))
    )
    return commands


def post(program, act: str, **body: object):
    return program.post(f"{ONE}/{act}", body, content_type="application/json")


NIGHTLY = {
    "slug": "nightly",
    "url": "/monitor/jobs/nightly/",
    "cron": "30 2 * * *",
    "words": "At 02:30",
    "tz": "UTC",
    "sweep": False,
    "state": "new",
    "summary": "",
    "line": "on",
    "suspend": False,
    "paused": None,
    "next_run": "2026-11-22T02:30:00Z",
    "is_left_out": False,
    "last_run": None,
    "last_outcome": "",
    "last_duration": None,
    "startingDeadlineSeconds": 300,
    "finish_within": 3600,
}


@time_machine.travel(AT, tick=False)
def test_a_job_says_when_it_runs_and_how_it_fared(otto, nightly, person):
    olga = person("operator", "olga")
    assert otto.get(URL).json() == [NIGHTLY]
    Start.objects.create(
        job="nightly",
        at=datetime(2026, 11, 21, 2, 30, tzinfo=UTC),
        by=str(olga.pk),
        host="mill",
        pid=7,
        ended_at=datetime(2026, 11, 21, 2, 31, tzinfo=UTC),
        outcome="failed",
        exit=1,
        duration=60.0,
        detail="No room.",
    )

    told = otto.get(ONE).json()
    coming = told.pop("next_runs")
    assert told == NIGHTLY | {
        "last_run": "2026-11-21T02:30:00Z",
        "last_outcome": "failed",
        "last_duration": "PT1M",
        "skips": [],
        "switches": [],
        "starts": [
            {
                "at": "2026-11-21T02:30:00Z",
                "by": "olga",
                "host": "mill",
                "pid": 7,
                "ended_at": "2026-11-21T02:31:00Z",
                "outcome": "failed",
                "exit": 1,
                "duration": "PT1M",
                "detail": "No room.",
                "page": "",
            }
        ],
        "n_runs": 1,
    }
    assert [one["local"] for one in coming] == [
        f"2026-11-{day}T02:30+00:00" for day in range(22, 27)
    ]


def test_the_list_has_the_worst_first_and_is_found_by_state(otto, nightly):
    job("alpha")
    check("job-alpha")
    check("job-nightly", "down", summary="its last start failed")

    told = otto.get(URL).json()
    assert [(one["slug"], one["state"]) for one in told] == [
        ("nightly", "down"),
        ("alpha", "up"),
    ]
    [up] = otto.get(f"{URL}?state=up").json()
    assert up["slug"] == "alpha"


@time_machine.travel(AT, tick=False)
def test_it_is_paused_and_resumed(otto, nightly):
    told = post(otto, "pause", reason="Beam down").json()
    paused = {
        "on": False,
        "at": "2026-11-21T10:30:00Z",
        "by": "otto",
        "reason": "Beam down",
        "until": None,
    }
    assert (told["suspend"], told["paused"], told["line"], told["next_run"]) == (
        True,
        paused,
        "off",
        None,
    )
    assert lines.found()["nightly"].remark.reason == "Beam down"
    assert post(otto, "pause", reason="Beam down").status_code == 409
    assert post(otto, "pause", reason="").status_code == 422
    assert post(otto, "resume", reason="Up again").json()["suspend"] is False
    assert switch.last("nightly").reason == "Up again"


@time_machine.travel(AT, tick=False)
def test_its_next_moment_is_skipped_and_taken_back(otto, nightly):
    answer = post(otto, "skips", reason="Beam down")
    skip = Skip.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (201, skip.pk)
    assert otto.get(ONE).json()["is_left_out"] is True
    assert otto.delete(f"{ONE}/skips/{skip.pk}").status_code == 204
    assert otto.delete(f"{ONE}/skips/{skip.pk}").status_code == 404


def test_it_is_started_now_for_a_reason(otto, nightly, started):
    for reason in ("", " ", "x\x00", "x" * 10_000):
        assert post(otto, "run", reason=reason).status_code == 422
    assert started == []
    assert post(otto, "run", reason="The disk is full").status_code == 202
    assert started == [["prune"]]
    assert Outbox.objects.get(kind="job.started").detail["reason"] == "The disk is full"
    again = post(otto, "run", reason="Again")
    assert again.status_code == 409
    assert again.json()["detail"] == "otto has started nightly a moment ago."


def test_what_is_part_of_the_tick_has_no_switch(otto, storage, started):
    job("nightly", sweep=True)
    assert otto.get(ONE).json()["next_runs"] == []
    for act in ("pause", "skips", "run"):
        assert post(otto, act, reason="x").status_code == 409


def test_a_line_that_was_edited_is_put_right(otto, nightly, storage):
    crontab = storage / "crontab"
    crontab.write_text(crontab.read_text().replace("30 2 * * *", "31 2 * * *"))
    assert otto.get(ONE).json()["line"] == "edited"
    assert post(otto, "mend").json()["line"] == "on"


def test_the_crontab_is_mended_as_it_was_seen(otto, nightly, storage):
    crontab = storage / "crontab"
    crontab.write_text(crontab.read_text().replace("30 2 * * *", "31 2 * * *"))
    seen = otto.get("/api/v1/crontab").json()
    assert [one["sign"] for one in seen["difference"] if one["sign"] in "+-"] == [
        "-",
        "+",
    ]
    assert seen["problem"] == ""
    assert any("31 2 * * *" in row["text"] for row in seen["rows"])

    def mend(word: str):
        body = {"seen": word}
        address = "/api/v1/crontab/mend"
        return otto.post(address, body, content_type="application/json")

    assert mend("other").status_code == 409
    assert mend("x" * 10_000).status_code == 422
    assert mend(seen["seen"]).json()["difference"] == []
    assert lines.found()["nightly"].state == "on"


def test_what_is_no_job_is_not_there(otto):
    for slug in ("never", "%00", "x" * 10_000):
        assert otto.get(f"{URL}/{slug}").status_code == 404
    for act in ("pause", "resume", "skips", "run", "mend"):
        assert post(otto, act, reason="x").status_code == 404


def test_only_operators_see_and_move_them(caller, nightly, started):
    for program in (caller("researcher"), caller("operator", read_only=True)):
        for act in ("pause", "resume", "skips", "run", "mend"):
            assert post(program, act, reason="x").status_code == 403
    assert caller("researcher").get(URL).status_code == 403
    assert caller("researcher").get("/api/v1/crontab").status_code == 403
    assert lines.found()["nightly"].state == "on"
    assert started == []
