"""Messages are tried until they arrive or are given up; none waits for another."""

import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from conftest import free_port
from monitor.models import Channel, Delivery, Outbox
from monitor.telling import again, tell
from monitor.telling import deliver as verb
from monitor.telling.deliver import deliver
from monitor.telling.outcome import Outcome
from monitor.telling.send import send
from monitor.tests.receivers import bodies, receiver, state, webhook

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def report(channel: Channel) -> Delivery:
    """A message that is tried again: a test is not."""
    Channel.objects.filter(pk=channel.pk).update(night_report=True)
    tell.report("Night", "Quiet.", "", {}, now())
    return Delivery.objects.latest("pk")


@pytest.fixture
def nobody():
    """A port at which nobody listens."""
    return webhook(f"http://127.0.0.1:{free_port()}/path-of-secrets")


def test_what_is_due_arrives_once():
    with receiver() as there:
        sent = report(webhook(there.url))
        at = now()
        assert [deliver(at), deliver(at)] == [1, 0]
    assert state(sent) == ("sent", 1, "")
    assert sent.sent_at >= at
    assert [heard["type"] for heard in bodies(there)] == ["report.sent"]


def test_a_failure_is_tried_again_less_and_less_often(nobody):
    late = report(nobody)
    at, waits = now(), []
    for _ in range(7):
        deliver(at)
        late.refresh_from_db()
        waits.append(round((late.next_at - at).total_seconds() / 60))
        # A second before it is due nothing is tried.
        assert deliver(late.next_at - timedelta(seconds=1)) == 0
        at = late.next_at
    assert waits == [1, 2, 5, 15, 60, 60, 60]
    assert state(late) == ("queued", 7, "It refused the connection.")


def test_it_arrives_after_failures_under_the_same_id():
    with receiver(500, 503) as there:
        sent = report(webhook(there.url))
        for _ in range(3):
            Delivery.objects.update(next_at=now())
            deliver()
    assert state(sent) == ("sent", 3, "")
    ids = {heard.headers["webhook-id"] for heard in there.heard}
    assert ids == {str(sent.uuid)}


def test_after_a_day_it_is_given_up_and_that_is_said(nobody):
    lost = report(nobody)
    Delivery.objects.update(created_at=now() - timedelta(hours=24))
    deliver()

    assert state(lost) == ("failed", 1, "It refused the connection.")
    event = Outbox.objects.get(kind="delivery.failed")
    assert event.about == "channel Hook"
    assert event.detail == {
        "what": "report",
        "subject": "[pulsarsite] Night",
        "tries": 1,
        "error": "It refused the connection.",
    }


def test_a_test_is_tried_once_and_is_no_incident(nobody):
    tried = tell.trial(nobody)
    deliver()
    assert state(tried) == ("failed", 1, "It refused the connection.")
    assert not Outbox.objects.filter(kind="delivery.failed").exists()


def test_one_who_is_slow_keeps_nobody_waiting():
    with receiver(*["hang"] * 3) as slow, receiver() as quick:
        hangs = [tell.trial(webhook(slow.url, f"Slow {n}")) for n in range(3)]
        sent = [tell.trial(webhook(quick.url, f"Quick {n}")) for n in range(20)]
        results = send([*hangs, *sent], within=60)
        first = [next(results) for _ in sent]
        slow.over.set()
        last = list(results)
    assert {delivery.pk for delivery, _ in first} == {one.pk for one in sent}
    assert {outcome.arrived for _, outcome in first} == {True}
    assert {outcome for _, outcome in last} == {
        Outcome(arrived=False, words="It closed the connection without an answer.")
    }


def test_one_who_is_silent_has_his_time_and_no_more():
    with receiver("hang") as slow:
        silent = tell.trial(webhook(slow.url))
        begun = time.monotonic()
        assert deliver(within=0.3) == 0
        assert time.monotonic() - begun < 10
    assert state(silent)[2] in {"No answer within 0.3 s.", "It timed out."}


def test_whoever_dies_in_the_middle_leaves_it_to_the_next():
    with receiver() as there:
        left = report(webhook(there.url))
        at = now()
        # Taken, and nothing heard of it since.
        assert [one.pk for one in verb._take([], at)] == [left.pk]
        assert deliver(at + timedelta(seconds=59)) == 0
        assert deliver(at + timedelta(seconds=61)) == 1
    assert state(left) == ("sent", 2, "")


def test_two_who_see_it_at_once_send_it_once():
    there = report(webhook("http://a/"))
    at = now()
    twice = [Delivery.objects.select_related("channel").get() for _ in range(2)]
    assert [verb._is_ours(one, at) for one in twice] == [True, False]
    assert state(there)[1] == 1


def test_what_waits_for_a_channel_that_is_switched_off_is_not_sent():
    with receiver() as there:
        channel = webhook(there.url)
        waiting = report(channel)
        Channel.objects.update(on=False)
        tried = tell.trial(channel)
        assert deliver() == 1
    assert state(waiting) == ("failed", 0, "The channel was switched off.")
    # Whoever switches it on again wants to see first that it works.
    assert state(tried) == ("sent", 1, "")


def test_a_receiver_that_is_gone_is_switched_off():
    with receiver(410) as there:
        last = report(webhook(there.url))
        deliver()
    words = "The receiver says 410 Gone: it wants nothing more. Switched off."
    assert state(last) == ("failed", 1, words)
    channel = Channel.objects.get()
    assert (channel.on, channel.revision) == (False, 2)
    event = Outbox.objects.get(kind="channel.changed")
    assert (event.about, event.who) == ("channel Hook", "")
    assert event.detail == {"on": False, "reason": words}


@pytest.fixture
def begun(monkeypatch):
    """The commands that were started beside."""
    commands: list[list[str]] = []
    monkeypatch.setattr("monitor.processes.detached.start", commands.append)
    return commands


def test_a_person_may_have_it_tried_now(nobody, begun):
    late = report(nobody)
    assert not again.again(late), "it was not tried yet, and goes by itself"
    deliver()
    assert again.again(late)
    assert begun == [["deliver"]]

    with receiver() as there:
        Channel.objects.update(address=there.url)
        assert deliver() == 1
    assert not again.again(late)


def test_what_was_given_up_can_be_tried_once_more(nobody, begun):
    lost = report(nobody)
    Delivery.objects.update(created_at=now() - timedelta(hours=30))
    deliver()
    assert state(lost)[0] == "failed"
    assert again.again(lost)
    assert state(lost)[0] == "queued"


def test_the_command_says_how_many_arrived(capsys):
    with receiver() as there:
        tell.trial(webhook(there.url))
        call_command("deliver")
    assert capsys.readouterr().out == "1 message arrived.\n"
