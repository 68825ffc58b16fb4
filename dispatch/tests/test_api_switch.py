"""/api/v1/schedules/…: pause, resume, skip a slot, run now, put the line right."""

from datetime import UTC, datetime

import pytest
import time_machine

from dispatch.models import Run, Schedule
from dispatch.schedules.announce import announce
from dispatch.tests.pages import unwritable
from dispatch.tests.rows import run_row, schedule_row
from monitor.crontab import lines
from monitor.models import Skip
from showroom.tests.conftest import mailbox, reconfigured  # noqa: F401

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
ONE = "/api/v1/schedules/nightly"


@pytest.fixture
def made(reconfigured):  # noqa: F811
    reconfigured("scheduler", zone="UTC")
    schedule = schedule_row()
    Schedule.objects.update(created_at=AT)
    announce(schedule)
    lines.sync()
    return schedule


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


def post(program, act: str, body: object = None):
    if body is None:
        return program.generic("POST", f"{ONE}/{act}")
    return program.post(f"{ONE}/{act}", body, content_type="application/json")


def test_a_pause_says_who_why_and_until_when(otto, made):
    with time_machine.travel(AT, tick=False):
        until = "2026-11-22T08:00:00+01:00"
        answer = post(otto, "pause", {"reason": " Beam\n down ", "until": until})
        told = answer.json()

        paused = {
            "on": False,
            "at": "2026-11-21T10:30:00Z",
            "by": "otto",
            "reason": "Beam down",
            "until": "2026-11-22T07:00:00Z",
        }
        assert answer.status_code == 200
        assert (told["suspend"], told["line"], told["next_run"]) == (True, "off", None)
        assert (told["paused"], told["switches"]) == (paused, [paused])
        again = post(otto, "pause", {"reason": "Beam down"})
        assert (again.status_code, again.json()["detail"]) == (
            409,
            "It is paused already, by otto: Beam down",
        )

        back = post(otto, "resume").json()
        assert (back["suspend"], back["paused"], back["line"]) == (False, None, "on")
        assert back["next_run"] == "2026-11-22T02:00:00Z"
        assert [one["on"] for one in back["switches"]] == [True, False]
        assert post(otto, "resume").status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": " \n"},
        {"reason": "x\x00"},
        {"reason": "x" * 10_000},
        {"reason": None},
        {"reason": "x", "until": "2020-01-01T00:00:00Z"},
        {"reason": "x", "until": "2199-01-01T00:00:00"},
        {"reason": "x", "until": "9999-12-31T23:59:59-14:00"},
        {"reason": "x", "until": 10**30},
        [],
    ],
)
def test_a_pause_that_cannot_be_is_refused(otto, made, body):
    assert post(otto, "pause", body).status_code == 422
    assert lines.found()[made.job].state == "on"


def test_a_crontab_that_cannot_be_written_is_said(otto, made, storage):
    unwritable(storage)
    answer = post(otto, "pause", {"reason": "Beam down"})

    assert answer.status_code == 409
    assert "cannot be written" in answer.json()["detail"]


@time_machine.travel(AT, tick=False)
def test_the_next_slot_is_skipped_once_and_taken_back(otto, caller, made):
    answer = post(otto, "skips", {"reason": "Beam down"})
    skip = Skip.objects.get()
    told = {
        "id": skip.pk,
        "slot": "2026-11-22T02:00:00Z",
        "by": "otto",
        "reason": "Beam down",
        "at": "2026-11-21T10:30:00Z",
    }
    assert (answer.status_code, answer.json()) == (201, told)
    with time_machine.travel(AT.replace(minute=31), tick=False):
        second = post(caller("operator", "olga"), "skips")
        assert (second.status_code, second.json()) == (200, told)
    seen = otto.get(ONE).json()
    assert (seen["skips"], seen["next_runs"][0]["is_left_out"]) == ([told], True)

    assert otto.delete(f"{ONE}/skips/{skip.pk}").status_code == 204
    assert not Skip.objects.exists()
    other = Skip.objects.create(job="other", slot=AT, who="")
    for number in (skip.pk, other.pk, 10**40):
        assert otto.delete(f"{ONE}/skips/{number}").status_code in (404, 422)
    assert Skip.objects.exists()


def test_run_now_hands_a_run_to_a_worker(otto, made, mailbox):  # noqa: F811
    answer = post(otto, "runs")
    run = Run.objects.get()

    assert answer.status_code == 202
    told = answer.json()
    assert (told["id"], told["state"], told["trigger"], told["by"], told["slot"]) == (
        run.pk,
        "queued",
        "hand",
        "otto",
        None,
    )
    assert mailbox() == [(run.pk, "heavy")]


def test_beside_an_open_run_nothing_is_started_and_it_is_said(otto, made):
    first = run_row(made, "running")
    answer = post(otto, "runs")

    assert answer.status_code == 409
    said = f"Nothing was started: Run {first.pk} was open since 2026-06-01 12:00 UTC."
    assert answer.json()["detail"] == said


def test_a_line_that_was_edited_is_put_right(caller, otto, made, storage):
    crontab = storage / "crontab"
    crontab.write_text(crontab.read_text().replace("0 2 * * *", "5 2 * * *"))
    boss = caller("admin")

    assert boss.get(ONE).json()["line"] == "edited"
    assert post(otto, "mend").status_code == 403
    answer = post(boss, "mend")
    assert (answer.status_code, answer.json()["line"]) == (200, "on")


def test_only_operators_move_the_switch(caller, made):
    for program in (caller("researcher"), caller("operator", read_only=True)):
        for act in ("pause", "resume", "skips", "runs"):
            assert post(program, act, {"reason": "x"}).status_code == 403
        assert program.delete(f"{ONE}/skips/1").status_code == 403
    assert lines.found()[made.job].state == "on"


def test_of_a_schedule_that_is_not_there_nothing_is_moved(caller):
    boss = caller("admin")
    for act in ("pause", "resume", "skips", "runs", "mend"):
        assert post(boss, act, {"reason": "x"}).status_code == 404
