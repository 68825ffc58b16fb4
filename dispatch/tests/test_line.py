"""So many runs work at once; the others stand in a line, first come first served."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from dispatch.models import Run
from dispatch.runs.line import take_place
from dispatch.tests.conftest import begin
from monitor.work import State

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def runs(schedule_over) -> list[Run]:
    """Four runs that wait, each of a schedule of its own."""
    return [begin(schedule_over(f"plan-{number}")) for number in range(4)]


def places() -> list[int | None]:
    return list(Run.objects.order_by("pk").values_list("place", flat=True))


def asked(runs: list[Run], ago: float = 0) -> None:
    """They asked for a place in vain, so many seconds ago."""
    at = now() - timedelta(seconds=ago)
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(asked_at=at)


def test_who_came_first_gets_a_place_first(runs):
    asked(runs)
    # The younger ask first, and find that two older ones stand before them.
    assert [take_place(run) for run in reversed(runs)] == [False, False, True, True]

    assert places() == [1, 2, None, None]
    working = Run.objects.filter(state=State.RUNNING).order_by("pk")
    assert list(working) == runs[:2]
    assert all(run.host and run.pid and run.tried_at for run in working)


def test_a_place_that_gets_free_is_taken_by_the_next(runs):
    for run in runs[:2]:
        assert take_place(run)
    asked(runs[2:])
    Run.objects.filter(pk=runs[0].pk).update(
        state=State.SUCCESS, **Run.ALONG[State.SUCCESS]
    )

    assert [take_place(run) for run in (runs[3], runs[2], runs[3])] == [
        False,
        True,
        False,
    ]
    assert places() == [None, 2, 1, None]


def test_nobody_waits_for_one_whom_nobody_starts(runs, settings):
    asked(runs[:3], ago=2 * settings.PULSAR.scheduler.resend_seconds + 1)

    assert take_place(runs[3])


def test_nobody_waits_for_one_whose_message_waits_for_a_busy_worker(runs, reconfigured):
    reconfigured("dispatch", max_parallel=1)
    # Sent, and sent again, but no worker has come to ask for it.
    Run.objects.filter(pk=runs[0].pk).update(sent_at=now())

    assert take_place(runs[1])


def test_who_asked_in_vain_stands_before_the_younger(runs, reconfigured):
    reconfigured("dispatch", max_parallel=1)
    assert take_place(runs[0])
    assert not take_place(runs[1])
    Run.objects.filter(pk=runs[0].pk).update(
        state=State.SUCCESS, **Run.ALONG[State.SUCCESS]
    )

    assert [take_place(runs[2]), take_place(runs[1])] == [False, True]
    waiting = Run.objects.filter(state=State.QUEUED).exclude(asked_at=None)
    assert list(waiting) == [runs[2]]


def test_a_place_that_another_takes_in_this_moment_is_not_ours(runs, monkeypatch):
    assert take_place(runs[0])
    monkeypatch.setattr("dispatch.runs.line._place", lambda *_: 1)

    assert not take_place(runs[1])
    runs[1].refresh_from_db()
    assert (runs[1].state, runs[1].place, runs[1].attempts) == (State.QUEUED, None, 0)
    assert runs[1].asked_at


def test_a_run_that_another_has_takes_no_place(runs):
    assert take_place(runs[0])

    assert not take_place(Run.objects.get(pk=runs[0].pk))
    assert places() == [1, None, None, None]
