"""Addresses of apprise, by the library itself, in its own process."""

import json
import time

import psutil
import pytest

from conftest import eventually
from monitor.models import Channel, Delivery
from monitor.telling import apprise_address, tell
from monitor.telling.deliver import deliver
from monitor.telling.mask import mask
from monitor.tests.receivers import receiver, state

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def trial(address: str, name: str = "Chat") -> Delivery:
    channel = Channel.objects.create(name=name, kind="apprise", address=address)
    return tell.trial(channel)


LOCAL = "speaks to this machine itself, where nobody would see it."
FILES = "of this machine, which no message may read."


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("json://user:pass@localhost/path", ""),
        ("dbus://", f"dbus:// {LOCAL}"),
        ("SYSLOG://user", f"syslog:// {LOCAL}"),
        ("vapid://ana@example.org", f"vapid:// needs files {FILES}"),
        ("discord://id/token?Template=/etc/passwd", f"“template” names a file {FILES}"),
        (
            "nobody://knows/this",
            "Nothing is known of nobody://, or a library for it is missing.",
        ),
        ("tgram://token", "Something in it is not as tgram:// wants it."),
        ("just words", "It must begin like ntfys:// or mailtos://."),
    ],
    ids=lambda text: text.partition(":")[0],
)
def test_an_address_is_judged_by_the_library(address, problem):
    assert apprise_address.problem(address) == problem


def test_a_library_that_is_silent_is_said(monkeypatch):
    monkeypatch.setattr(apprise_address, "PATIENCE", 0.001)
    assert apprise_address.problem("json://localhost/") == (
        "The library that knows such addresses did not answer. Try again."
    )


def test_a_message_arrives_and_a_failure_is_told_in_words():
    with receiver() as there, receiver(500) as broken:
        sent = trial(there.url.replace("http:", "json:"), "Well")
        lost = trial(broken.url.replace("http:", "json:") + "/TOKEN", "Broken")
        assert deliver() == 1
    assert state(sent) == ("sent", 1, "")
    body = json.loads(there.heard[0].body)
    assert body["title"] == "[pulsarsite] A test of “Well”: messages arrive here"
    assert "Nothing is wrong." in body["message"]

    found, _, words = state(lost)
    assert found == "failed"
    assert "Failed to send JSON" in words
    assert "error=500" in words
    assert "TOKEN" not in words


def test_one_who_hangs_is_killed():
    with receiver("hang") as slow:
        # Else the library itself would give up after some seconds.
        hangs = trial(f"{slow.url.replace('http:', 'json:')}?rto=60")
        begun = time.monotonic()
        assert deliver(within=2) == 0
        assert time.monotonic() - begun < 20
        assert state(hangs) == ("failed", 1, "No answer within 2 s.")
        children = psutil.Process().children()
        eventually(lambda: not any(_is_apprise(child) for child in children))


def _is_apprise(child: psutil.Process) -> bool:
    try:
        return "monitor.telling.apprise_child" in child.cmdline()
    except psutil.NoSuchProcess:
        return False


def test_an_address_that_was_good_once_is_refused_when_it_is_sent_to():
    lost = trial("syslog://user")
    assert deliver() == 0
    found, _, words = state(lost)
    assert found == "failed"
    assert words.endswith(LOCAL)


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        ("mail", "ana@example.org, ben@a.org", "a…@example.org, b…@a.org"),
        (
            "webhook",
            "https://hooks.example.org:99/T0KEN",
            "https://hooks.example.org/…",
        ),
        ("apprise", "tgram://123456:T0KEN/chat", "tgram://…"),
    ],
)
def test_of_an_address_little_is_shown(kind, address, shown):
    assert mask(Channel(kind=kind, address=address)) == shown
