"""A clock that died is told by the web process, and one that lives is left alone."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils.timezone import now

from conftest import eventually
from monitor import watchman
from monitor.leases import hold
from monitor.models import Alert, Check, Delivery, Ping
from monitor.tests.alerted import rule
from monitor.tests.receivers import bodies, receiver, webhook

LONG = timedelta(minutes=4)


def signs(clock: timedelta, tick: timedelta) -> None:
    """How long ago the clock and its tick gave their last signs of life."""
    Ping.objects.all().delete()
    by = "embedded host 1 /var"
    Ping.objects.create(slug="clock", by=by, succeeded_at=now() - clock)
    Ping.objects.create(slug="tick", started_at=now() - tick)


@pytest.mark.django_db
def test_a_dead_clock_is_told_though_nothing_ticks():
    rule(kind="clock", severity="critical")
    signs(LONG, LONG)
    at = now()
    with receiver() as there:
        webhook(there.url)
        assert watchman.look(at)
        assert len(there.heard) == 1
        # As long as it lasts; what was told is not told again.
        assert watchman.look(at)

    check = Check.objects.get(slug="clock")
    assert (check.state, check.summary) == (
        "down",
        "No sign of life for 4 min 00 s.",
    )
    assert [body["type"] for body in bodies(there)] == ["alert.opened"]
    alert = Alert.objects.get()
    # Not since somebody saw it: nobody had looked before.
    last = Ping.objects.get(slug="clock").succeeded_at
    assert (alert.cause, alert.begun_at, check.since) == ("clock", last, last)
    assert alert.evidence["since"] == last.isoformat()
    assert alert.evidence["numbers"] == [["down for", "4 min", ""]]
    assert Delivery.objects.get().state == "sent"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("clock", "tick"),
    [(timedelta(0), LONG), (LONG, timedelta(0)), (timedelta(0), timedelta(0))],
)
def test_one_sign_of_life_is_enough(clock, tick):
    signs(clock, tick)
    assert not watchman.look(now())
    assert not Check.objects.exists()


@pytest.mark.django_db
def test_a_site_that_never_had_a_clock_is_told_too():
    assert watchman.look(now())
    check = Check.objects.get()
    words = "Neither the clock nor its tick gives a sign of life."
    assert (check.slug, check.state, check.summary) == ("clock", "down", words)


@pytest.mark.django_db
def test_without_a_sign_of_the_clock_that_of_its_tick_is_the_last():
    Ping.objects.create(slug="tick", started_at=now() - LONG)
    assert watchman.look(now())
    assert Check.objects.get().since == Ping.objects.get().started_at


@pytest.mark.django_db
def test_a_sign_from_before_the_time_was_put_back_is_none():
    signs(-LONG, -LONG)
    at = now()
    assert watchman.look(at)
    assert Check.objects.get().since == at


@pytest.mark.django_db
def test_one_web_process_is_enough():
    signs(LONG, LONG)
    with hold("watchman", 60) as held:
        assert held
        assert not watchman.look(now())
    assert watchman.look(now())


def test_a_machine_that_slept_or_set_its_clock_begins_anew():
    with time_machine.travel("2026-11-21T12:00Z", tick=False) as clock:
        awake = watchman.Awake()
        awake._since -= 600
        assert awake.seconds(30) >= 600
        # Sixty seconds are a busy machine; the clock of the machine goes on alone.
        clock.shift(60)
        assert awake.seconds(30) >= 600
        clock.shift(3600)
        assert awake.seconds(30) < 30
        awake._since -= 600
        clock.shift(-3600)
        assert awake.seconds(30) < 30


def test_a_process_that_was_stopped_begins_anew():
    awake = watchman.Awake()
    awake._since -= 600
    awake._last -= 100
    awake._wall -= 100
    assert awake.seconds(30) < 30


class Rounds(threading.Event):
    """Stops after some rounds; before each, something happens."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        super().__init__()
        self.steps = list(steps)

    def wait(self, timeout: float | None = None) -> bool:
        if not self.steps:
            return True
        self.steps.pop(0)()
        return False


@pytest.mark.django_db
def test_who_has_just_come_says_nothing_yet():
    signs(LONG, LONG)
    watchman.run(Rounds(int, int), every=30)
    assert not Check.objects.exists()


@pytest.mark.django_db
def test_a_database_that_was_away_ends_nothing(caplog):
    signs(LONG, LONG)
    away = []

    def fail(execute, *query):
        if away:
            raise OperationalError("gone away")
        return execute(*query)

    with connection.execute_wrapper(fail):
        rounds = Rounds(lambda: away.append(True), away.clear)
        watchman.run(rounds, every=30, silent=timedelta(0))
    assert "The watchman could not look" in caplog.text
    assert Check.objects.get().state == "down"


@pytest.mark.django_db(transaction=True)
def test_the_thread_looks_by_itself_until_it_is_stopped():
    signs(LONG, LONG)
    stop = threading.Event()
    thread = threading.Thread(
        target=watchman.run, args=[stop, 0.02, timedelta(seconds=0.3)], daemon=True
    )
    thread.start()
    eventually(lambda: Check.objects.filter(slug="clock", state="down").exists())
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
