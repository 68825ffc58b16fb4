"""A flood comes as one message, and nothing waits longer than ten minutes for it."""

from datetime import timedelta

import pytest

from monitor.models import Alert, Channel, Delivery
from monitor.telling import digest, tell
from monitor.telling.deliver import deliver
from monitor.tests.alerted import minutes
from monitor.tests.receivers import bodies, receiver, webhook

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def there():
    with receiver() as there:
        yield there


@pytest.fixture
def channel(there):
    return webhook(there.url)


def broken(number: int, at: int, channel: Channel) -> Alert:
    """Something broke and was to be told in this minute."""
    alert = Alert.objects.create(
        cause=f"host-{number}",
        severity="warning",
        title=f"Host {number} is down",
        begun_at=minutes(at),
    )
    tell.opened(alert, [channel])
    _said_at(alert, at)
    return alert


def over(alert: Alert, at: int) -> None:
    Alert.objects.filter(pk=alert.pk).update(live=None, closed_at=minutes(at))
    alert.refresh_from_db()
    tell.recovered(alert)
    _said_at(alert, at, what="recovered")


def _said_at(alert: Alert, at: int, what: str = "opened") -> None:
    said = {"created_at": minutes(at), "next_at": minutes(at)}
    Delivery.objects.filter(alert=alert, what=what).update(**said)


def states() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("what", "state"))


def test_few_go_one_by_one(there, channel):
    for number in range(5):
        broken(number, 0, channel)
    assert deliver(minutes(0)) == 5
    assert states() == [("opened", "sent")] * 5


def test_what_is_more_comes_in_one_message_with_a_line_each(there, channel):
    alerts = [broken(number, 0, channel) for number in range(12)]
    assert deliver(minutes(0)) == 6

    assert states() == [
        *[("opened", "sent")] * 5,
        *[("opened", "merged")] * 7,
        ("digest", "sent"),
    ]
    whole = Delivery.objects.get(what="digest")
    assert whole.merged.count() == 7
    assert whole.subject.startswith("[pulsarsite] 7 alerts opened since 2026-11-21")
    for alert in alerts[5:]:
        assert f"- warning: {alert.title}, since 2026-11-21" in whole.text
        assert f"http://localhost:8000/monitor/alerts/{alert.pk}/" in whole.text
    last = bodies(there)[-1]
    assert last["type"] in {"alert.digested", "alert.opened"}
    assert whole.body["data"]["opened"] == 7
    assert len(whole.body["data"]["messages"]) == 7


def test_the_next_digest_waits_ten_minutes_and_tells_all_that_came_since(
    there, channel
):
    first = [broken(number, 0, channel) for number in range(7)]
    assert deliver(minutes(0)) == 6
    later = [broken(number, 4, channel) for number in range(7, 10)]
    over(first[0], 5)
    assert deliver(minutes(5)) == 0
    assert deliver(minutes(9.9)) == 0

    assert deliver(minutes(10)) == 1
    last = Delivery.objects.filter(what="digest").latest("pk")
    assert "] 3 alerts opened, 1 recovered since 2026-11-21" in last.subject
    assert [alert.title in last.text for alert in later] == [True] * 3
    assert f"- recovered: {first[0].title}, after 5 min 00 s" in last.text


def test_in_a_lasting_flood_there_are_five_and_a_digest_in_ten_minutes(there, channel):
    for minute in range(20):
        for one in range(3):
            broken(minute * 3 + one, minute, channel)
        deliver(minutes(minute))
    sent = Delivery.objects.filter(sent_at__isnull=False)
    windows = [
        sent.filter(
            sent_at__gt=minutes(m), sent_at__lte=minutes(m) + timedelta(minutes=10)
        )
        for m in range(-1, 11)
    ]
    assert max(one.count() for one in windows) <= 6
    # Nothing is lost on the way.
    told = Delivery.objects.filter(what="opened").exclude(state="queued")
    waiting = Delivery.objects.filter(what="opened", state="queued")
    assert told.count() + waiting.count() == 60
    assert min(waiting.values_list("created_at", flat=True)) > minutes(9)


def test_what_broke_and_recovered_meanwhile_is_one_line(there, channel):
    alerts = [broken(number, 0, channel) for number in range(5)]
    deliver(minutes(0))
    short, long = broken(5, 1, channel), broken(6, 1, channel)
    over(short, 2)
    over(alerts[0], 2)
    deliver(minutes(2))

    whole = Delivery.objects.get(what="digest")
    assert "] 1 alert opened, 2 recovered since " in whole.subject
    assert whole.text.count(short.title) == 1
    assert f"- recovered: {short.title}, after 1 min 00 s" in whole.text
    assert f"- warning: {long.title}" in whole.text


def test_two_who_gather_at_once_make_one_digest(there, channel):
    for number in range(7):
        broken(number, 0, channel)
    waiting = list(Delivery.objects.order_by("pk"))[5:]
    for _ in range(2):
        digest._hold_back(channel.pk, waiting, minutes(0))
        # Of another process, which has seen no digest.
        Delivery.objects.filter(what="digest").update(created_at=minutes(-20))
    assert Delivery.objects.filter(what="digest").count() == 1
    assert Delivery.objects.filter(state="merged").count() == 2


def test_each_channel_has_a_flood_of_its_own(there, channel):
    other = webhook(there.url, "Other")
    for number in range(8):
        broken(number, 0, channel)
    broken(9, 0, other)
    assert deliver(minutes(0)) == 7
    assert Delivery.objects.get(channel=other).state == "sent"


def test_tests_and_reports_are_no_flood(there, channel):
    for number in range(8):
        broken(number, 0, channel)
    trial = tell.trial(channel)
    Delivery.objects.filter(pk=trial.pk).update(next_at=minutes(0))
    assert deliver(minutes(0)) == 7
