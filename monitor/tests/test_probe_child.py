"""Looks in processes of their own: killed in time, reaped, and never half a reading."""

import os
import signal
import threading
import time
from datetime import UTC, datetime

import psutil
import pytest
from django.db import connections

from monitor.models import Check, Ping
from monitor.probes.child import Task, run
from monitor.probes.reading import Reading
from monitor.probes.scrub import words
from monitor.probes.steps import Steps, to_parent

UP = Check.State.UP
DOWN = Check.State.DOWN
SOON = 0.5


def task(look, *slugs: str, deadline: float = 20) -> Task:
    """A look at one thing, or one that answers by itself for several."""
    if slugs:
        return Task(slugs, look, deadline)
    return Task(["it"], lambda: [("it", look())], deadline)


# Servers of other tests, which this process may have started before.
before: list[psutil.Process] = []


@pytest.fixture(autouse=True)
def nobody_of_ours():
    before[:] = psutil.Process().children()


def left() -> list[psutil.Process]:
    """Which children there are since."""
    return [one for one in psutil.Process().children() if one not in before]


def only(look, **given) -> Reading:
    """The reading of a single look, whose process is gone."""
    found = run([task(look, **given)])
    assert left() == []
    assert list(found) == ["it"]
    return found["it"]


def test_no_password_of_a_connection_is_told(settings):
    settings.CONNECTION_PASSWORDS = {"survey": "ge/heim", "open": ""}
    error = ValueError("login of reader:ge/heim failed, or of ge%2Fheim")

    assert words(error) == "login of reader:*** failed, or of ***"


def test_a_reading_comes_back_whole():
    since = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)
    given = Reading(UP, "well", {"steps": [1, None]}, 0.25, {"a.b": 1.5}, since)
    assert only(lambda: given) == given


def test_a_long_reading_comes_back_whole():
    given = Reading(UP, "well", {"text": "ä" * 500_000}, 0.25)
    assert only(lambda: given) == given


def test_what_a_look_took_is_measured_where_it_does_not_say():
    took = only(lambda: Reading(UP, "")).took
    assert 0 < took < 10


def test_each_look_has_a_process_of_its_own_and_they_run_at_once():
    meet = [os.pipe(), os.pipe()]

    def look_of(mine: int, other: int):
        def look() -> Reading:
            os.write(meet[mine][1], b"!")
            os.read(meet[other][0], 1)
            return Reading(UP, str(os.getpid()), took=1)

        return [(f"n{mine}", look)]

    tasks = [
        Task([slug], lambda slug=slug, look=look: [(slug, look())], 20)
        for mine, other in ((0, 1), (1, 0))
        for slug, look in look_of(mine, other)
    ]
    found = run(tasks)
    for pipe in meet:
        for end in pipe:
            os.close(end)
    pids = {reading.summary for reading in found.values()}
    assert len(pids) == 2
    assert str(os.getpid()) not in pids


def test_what_hangs_is_killed_and_the_step_it_hung_at_is_known():
    def look() -> Reading:
        steps = Steps()
        with steps.step("connect"):
            pass
        with steps.step("query"):
            threading.Event().wait()
        return Reading(UP, "")

    found = only(look, deadline=SOON)
    first = found.detail["steps"][0]
    assert 0 <= first.pop("seconds") < SOON
    assert found == Reading(
        DOWN,
        "No answer within 0.5 s, at the step query.",
        {
            "steps": [
                {"step": "connect", "error": ""},
                {"step": "query", "seconds": None, "error": ""},
            ]
        },
        SOON,
    )


def test_what_hangs_between_its_steps_is_told_so():
    def look() -> Reading:
        with Steps().step("connect"):
            pass
        threading.Event().wait()
        return Reading(UP, "")

    words = "No answer within 0.5 s, after the step connect."
    assert only(look, deadline=SOON).summary == words


def test_what_hangs_takes_nothing_from_the_others():
    def look() -> Reading:
        return Reading(UP, "well", took=1)

    tasks = [
        Task(["hangs"], lambda: [("hangs", signal.pause())], SOON),
        Task(["well"], lambda: [("well", look())], SOON),
    ]
    begun = time.monotonic()
    assert run(tasks) == {
        "hangs": Reading(DOWN, "No answer within 0.5 s.", took=SOON),
        "well": Reading(UP, "well", took=1),
    }
    assert time.monotonic() - begun < 5
    assert left() == []


def test_a_process_that_does_not_listen_to_signals_is_killed_all_the_same():
    def look() -> Reading:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()

    assert only(look, deadline=SOON).summary == "No answer within 0.5 s."


def test_a_process_that_dies_says_how():
    def look() -> Reading:
        os.kill(os.getpid(), signal.SIGKILL)
        return Reading(UP, "")

    found = only(look)
    assert (found.state, found.summary) == (
        DOWN,
        "The look ended without an answer (signal 9).",
    )


def test_a_look_that_raises_says_what(caplog):
    def look() -> Reading:
        raise ZeroDivisionError("by nothing")

    found = only(look)
    assert (found.state, found.summary) == (
        DOWN,
        "The look failed: ZeroDivisionError: by nothing",
    )


def test_of_several_each_has_its_reading_and_those_left_out_are_down():
    def look():
        yield "first", Reading(UP, "well", took=1)
        signal.pause()
        yield "second", Reading(UP, "well", took=1)

    assert run([task(look, "first", "second", deadline=SOON)]) == {
        "first": Reading(UP, "well", took=1),
        "second": Reading(DOWN, "No answer within 0.5 s.", took=SOON),
    }


def test_half_a_reading_is_none():
    def look() -> Reading:
        os.write(to_parent.get(), b'{"slug": "it", "reading": {"state": "up", "summ')
        os._exit(0)

    found = only(look)
    assert (found.state, found.summary) == (
        DOWN,
        "The look ended without an answer (exit code 0).",
    )


@pytest.mark.django_db(transaction=True)
def test_a_look_has_a_connection_of_its_own_and_ends_none_of_ours():
    Ping.objects.create(slug="seen")
    mine = connections["default"].connection

    def look() -> Reading:
        database = connections["default"]
        seen = Ping.objects.filter(slug="seen").count()
        Ping.objects.create(slug="from the child")
        return Reading(UP, f"{seen} {database.connection is mine}", took=1)

    assert only(look) == Reading(UP, "1 False", took=1)
    assert connections["default"].connection is mine
    assert Ping.objects.filter(slug="from the child").exists()


@pytest.mark.django_db(transaction=True)
def test_a_look_into_a_broken_database_says_so():
    def look() -> Reading:
        Ping.objects.raw("SELECT id FROM nowhere")[0]
        return Reading(UP, "")

    assert only(look).summary == "A database does not answer: no such table: nowhere"


def test_no_open_file_is_left_behind():
    run([task(lambda: Reading(UP, ""))])
    before = psutil.Process().num_fds()
    run([task(lambda: Reading(UP, "")) for _ in range(5)])
    assert psutil.Process().num_fds() == before


def test_a_task_that_cannot_be_started_leaves_no_others_behind():
    def tasks():
        yield Task(["hangs"], lambda: [("hangs", signal.pause())], 20)
        raise LookupError("no more")

    with pytest.raises(LookupError):
        run(tasks())
    assert left() == []


def test_no_word_of_an_error_holds_a_password(settings):
    settings.DATABASES["default"] = settings.DATABASES["default"] | {
        "PASSWORD": "s3cret/pass"
    }
    settings.CELERY = settings.CELERY | {"broker_url": "redis://u:tok%2Fen@h/0"}
    settings.EMAIL_HOST_PASSWORD = "s3cret"
    error = OSError("s3cret/pass or s3cret%2Fpass,\nredis://u:tok%2Fen@h/0 and s3cret")
    assert words(error) == "*** or ***, redis://u:***@h/0 and ***"
    assert words(ValueError()) == "ValueError"
    assert len(words(OSError("x" * 1000))) == 300


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0004, "0.4 ms"), (0.138, "138 ms"), (0.9996, "1.0 s"), (1.06, "1.1 s")],
)
def test_a_step_reads_in_the_unit_that_fits(seconds, words):
    steps = Steps()
    steps.done = [{"step": "connect", "seconds": seconds, "error": ""}]
    assert steps.summary == f"connect {words}"
