"""Whoever must leave a piece of work leaves it as its row is by then."""

import errno
from collections.abc import Callable

import pytest

from monitor import claims, room
from monitor.work import Interrupted, State
from registry.attempt import attempt
from registry.models import Build
from registry.tests.tables import asked, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def build(tmp_path) -> Build:
    """One that a worker has."""
    claimed = asked(table(tmp_path / "sky.csv"))
    assert claims.claim(claimed)
    return claimed


def cancelled(build: Build) -> None:
    Build.objects.filter(pk=build.pk).update(cancel_requested=True)


def taken_over(build: Build) -> None:
    Build.objects.filter(pk=build.pk).update(holder="another")


def interrupted() -> None:
    raise Interrupted("The worker ends.")


def full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def tried(build: Build, do: Callable[[], None], cleared: list[str]) -> list[object]:
    """How it was ended, and the state that its row has then."""
    ends: list[object] = []
    attempt(
        build,
        do,
        end=lambda *told: ends.append(told),
        clear=lambda: cleared.append("cleared"),
    )
    return [*ends, Build.objects.get(pk=build.pk).state]


def test_one_that_is_interrupted_goes_back_into_the_line(build):
    cleared: list[str] = []
    assert tried(build, interrupted, cleared) == [State.QUEUED]
    assert cleared == []


def test_one_that_is_interrupted_when_somebody_has_cancelled_it_ends(build):
    cancelled(build)
    ended = (State.CANCELLED, "Cancelled on request.")
    assert tried(build, interrupted, []) == [ended, State.RUNNING]


def test_one_that_is_interrupted_after_another_has_taken_it_is_left_to_that(build):
    taken_over(build)
    assert tried(build, interrupted, []) == [State.RUNNING]


def test_one_without_room_gives_back_what_it_has_and_waits(build, monkeypatch):
    monkeypatch.setattr(room, "suffices", lambda: False)
    cleared: list[str] = []
    assert tried(build, full, cleared) == [State.UP_FOR_RETRY]
    assert cleared == ["cleared"]


def test_one_without_room_that_another_has_taken_wipes_nothing(build, monkeypatch):
    monkeypatch.setattr(room, "suffices", lambda: False)
    taken_over(build)
    cleared: list[str] = []
    assert tried(build, full, cleared) == [State.RUNNING]
    assert cleared == []


def test_one_without_room_that_somebody_has_cancelled_ends(build, monkeypatch):
    monkeypatch.setattr(room, "suffices", lambda: False)
    cancelled(build)
    ended = (State.CANCELLED, "Cancelled on request.")
    assert tried(build, full, []) == [ended, State.RUNNING]
