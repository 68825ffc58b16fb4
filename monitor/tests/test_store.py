"""store(): a reading is kept once, each change is one flip, and old news is no news."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from monitor.checks.stale import is_stale
from monitor.checks.store import store
from monitor.models import Check, Flip, Outbox, Sample
from monitor.probes.reading import Reading

pytestmark = pytest.mark.django_db

State = Check.State
NOW = timezone.now().replace(microsecond=0) - timedelta(hours=1)


def put(state: str, minute: float = 0, summary: str = "", **given) -> bool:
    """Keep a reading of the broker, begun some minutes after the first."""
    reading = Reading(State(state), summary or state, **given)
    at = NOW + timedelta(minutes=minute)
    return store("broker", Check.Kind.BROKER, "Broker", reading, ["host-a"], at)


def flips() -> list[tuple]:
    return list(Flip.objects.order_by("pk").values_list("was", "state", "summary"))


def told() -> list[tuple]:
    return list(Outbox.objects.order_by("pk").values_list("kind", "about"))


def test_a_reading_is_kept_whole():
    figures = {"broker.depth": 3.0}
    assert put("up", 0, "well", detail={"a": [1]}, took=0.5, figures=figures)
    row = Check.objects.values().get()
    row.pop("id")
    assert row == {
        "slug": "broker",
        "kind": "broker",
        "name": "Broker",
        "state": "up",
        "since": NOW,
        "looked_at": NOW,
        "summary": "well",
        "detail": {"a": [1]},
        "took": 0.5,
        "asked_at": None,
        "depends": ["host-a"],
    }
    samples = Sample.objects.values_list("name", "at", "value", "labels")
    assert list(samples) == [("broker.depth", NOW, 3.0, {})]
    assert flips() == [("new", "up", "well")]
    assert told() == []


def test_only_a_change_is_a_flip_and_begins_a_state():
    for minute, state in enumerate(["up", "up", "down", "down", "up"]):
        assert put(state, minute)
    assert flips() == [
        ("new", "up", "up"),
        ("up", "down", "down"),
        ("down", "up", "up"),
    ]
    assert Check.objects.get().since == NOW + timedelta(minutes=4)
    assert told() == [
        ("check.went_down", "check broker"),
        ("check.recovered", "check broker"),
    ]


def since(state: str, minute: float, of: float) -> float:
    """Since which minute it is so, found in one that says since another."""
    put(state, minute, since=NOW + timedelta(minutes=of))
    return (Check.objects.get().since - NOW) / timedelta(minutes=1)


def test_a_state_begins_when_the_reading_says_and_is_found_when_it_is():
    put("up", 0)
    assert since("down", 5, of=2) == 2
    assert list(Flip.objects.values_list("at", flat=True)) == [
        NOW, NOW + timedelta(minutes=5),
    ]  # fmt: skip
    # It goes on as it began.
    assert since("down", 6, of=4) == 2
    put("up", 8)
    # What was over then has not lasted; and nothing begins in the future.
    assert since("down", 9, of=7) == 8
    put("up", 10)
    assert since("down", 11, of=30) == 11


def test_what_is_down_at_the_first_look_is_told():
    put("down", 0, "refused")
    event = Outbox.objects.get()
    assert (event.kind, event.detail) == (
        "check.went_down",
        {"name": "Broker", "summary": "refused"},
    )


def test_what_starts_again_and_fails_again_was_never_well():
    for minute, state in enumerate(["down", "started", "down", "grace", "up"]):
        put(state, minute)
    assert len(flips()) == 5
    assert [kind for kind, _ in told()] == ["check.went_down", "check.recovered"]


def test_what_was_paused_while_it_was_down_is_not_told_as_well_again():
    for minute, state in enumerate(["down", "paused", "up", "paused", "down"]):
        put(state, minute)
    assert [kind for kind, _ in told()] == ["check.went_down", "check.went_down"]


def test_an_older_reading_does_not_overwrite_a_newer_one():
    put("up", 2)
    figures = {"broker.depth": 3.0}
    assert not put("down", 1, figures=figures)
    assert flips() == [("new", "up", "up")]
    assert Check.objects.get().looked_at == NOW + timedelta(minutes=2)
    assert not Sample.objects.exists()


def test_a_reading_of_a_clock_that_was_put_back_since_does_not_stay_for_ever():
    put("up", 60 * 24)
    assert put("down", 1)
    assert Check.objects.get().state == "down"


def test_a_question_is_answered_by_a_look_that_was_begun_after_it():
    put("up")
    Check.objects.update(asked_at=NOW + timedelta(seconds=90))
    put("up", 1)
    assert Check.objects.get().asked_at == NOW + timedelta(seconds=90)
    put("up", 2)
    assert Check.objects.get().asked_at is None


def test_a_long_summary_is_cut():
    put("up", 0, "x" * 400)
    assert Check.objects.get().summary == "x" * 300
    assert flips() == [("new", "up", "x" * 300)]


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_leave_one_flip_and_one_event():
    put("up")
    together = Barrier(4)

    def look() -> None:
        together.wait()
        put("down", 1)
        connections.close_all()

    lookers = [Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert flips() == [("new", "up", "up"), ("up", "down", "down")]
    assert told() == [("check.went_down", "check broker")]


def test_a_reading_becomes_stale_when_several_looks_have_been_missed(settings):
    monitor = settings.PULSAR.monitor.model_copy(update={"deadline_seconds": 10.0})
    settings.PULSAR = settings.PULSAR.model_copy(update={"monitor": monitor})
    put("up")
    check = Check.objects.get()
    limit = NOW + timedelta(minutes=3, seconds=10)
    assert not is_stale(check, limit)
    assert is_stale(check, limit + timedelta(seconds=1))


def test_what_was_never_looked_at_is_stale_when_it_should_have_been():
    with time_machine.travel(NOW, tick=False):
        check = Check.objects.create(slug="a", kind="host", name="a")
    assert not is_stale(check, NOW)
    assert is_stale(check, NOW + timedelta(minutes=5))
