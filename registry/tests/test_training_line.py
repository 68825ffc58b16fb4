"""So many trainings work at once; the others stand in a line, the first before all."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from monitor.work import State
from registry.models import TrainingRun
from registry.tests.made import dataset
from registry.training.ask import ask
from registry.training.line import take_place, whose_turn

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def runs() -> list[TrainingRun]:
    """Three that wait."""
    data = dataset()
    return [ask(dataset=data, at_once=False) for _ in range(3)]


def places() -> list[int | None]:
    return list(TrainingRun.objects.order_by("pk").values_list("place", flat=True))


def asked(runs: list[TrainingRun], ago: float = 0) -> None:
    """They asked for a place in vain, so many seconds ago."""
    at = now() - timedelta(seconds=ago)
    pks = [run.pk for run in runs]
    TrainingRun.objects.filter(pk__in=pks).update(asked_at=at)


def test_one_works_at_a_time_and_who_came_first_comes_first(runs):
    asked(runs)
    assert [take_place(run) for run in reversed(runs)] == [False, False, True]

    assert places() == [1, None, None]
    assert TrainingRun.objects.get(state=State.RUNNING) == runs[0]


def test_so_many_work_as_the_configuration_says(runs, reconfigured):
    reconfigured("training", max_parallel=2)

    assert [take_place(run) for run in runs] == [True, True, False]
    assert places() == [1, 2, None]


def test_nobody_waits_for_one_whom_nobody_starts(runs, settings):
    asked(runs[:2], ago=2 * settings.PULSAR.scheduler.resend_seconds + 1)

    assert take_place(runs[2])


def test_a_place_that_another_takes_in_this_moment_is_not_ours(runs, monkeypatch):
    assert take_place(runs[0])
    monkeypatch.setattr("registry.training.line._place", lambda *_: 1)

    assert not take_place(runs[1])
    runs[1].refresh_from_db()
    assert (runs[1].state, runs[1].place, runs[1].attempts) == (State.QUEUED, None, 0)
    assert runs[1].asked_at


def test_a_training_that_another_has_takes_no_place(runs):
    assert take_place(runs[0])

    assert not take_place(TrainingRun.objects.get(pk=runs[0].pk))
    assert places() == [1, None, None]


def test_whoever_is_sent_first_the_first_in_the_line_has_its_turn(runs):
    # As one whose worker was killed: its message comes behind all others.
    assert whose_turn(runs[2]) == runs[0]
    assert whose_turn(runs[0]) == runs[0]

    take_place(runs[0])
    assert whose_turn(runs[2]) == runs[1]
    assert whose_turn(runs[0]) == runs[0]
