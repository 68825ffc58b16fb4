"""Who is told of what, and in which words."""

from datetime import timedelta

import pytest

from monitor.models import Alert, Channel, Delivery
from monitor.telling import messages, tell
from monitor.tests.alerted import NOON, check, minutes
from monitor.tests.receivers import webhook

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

SITE = "http://localhost:8000"


@pytest.fixture(autouse=True)
def zone(settings):
    """The clock of the site, whose zone is named in each message."""
    scheduler = settings.PULSAR.scheduler.model_copy(update={"zone": "Europe/Berlin"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})


def alert(**values) -> Alert:
    given = {
        "cause": "host-archive",
        "severity": "critical",
        "title": "Host archive is down",
        "begun_at": NOON,
        "opened_at": minutes(2),
        "evidence": {
            "rule": "a host is down for 2 minutes",
            "numbers": [["down for", "2 min 00 s", "2 min 00 s"], ["port", 22, None]],
        },
    }
    return Alert.objects.create(**(given | values))


def queued() -> list[tuple[str, str, str]]:
    """Each message: to whom, of what, and what became of it."""
    rows = Delivery.objects.order_by("pk")
    return list(rows.values_list("channel__name", "what", "state"))


def test_the_message_says_what_since_when_how_grave_and_why():
    broken = alert()
    said = messages.opened(broken)
    assert said == messages.Message(
        subject="[pulsarsite] Host archive is down, since 2026-11-21 13:00 CET "
        "(critical)",
        text="Host archive is down, since 2026-11-21 13:00 CET (critical)\n\n"
        "Why: a host is down for 2 minutes\n"
        "  down for: 2 min 00 s (bound: 2 min 00 s)\n"
        "  port: 22\n\n"
        f"{SITE}/monitor/alerts/{broken.pk}/\n"
        "To say that you see to it, open that page and choose “Acknowledge”.\n\n"
        f"pulsarsite, {SITE}\n",
        body=said.body,
    )
    assert said.body["type"] == "alert.opened"
    assert said.body["data"] == {
        "id": broken.pk,
        "title": "Host archive is down",
        "cause": "host-archive",
        "severity": "critical",
        "state": "open",
        "begun_at": "2026-11-21T12:00:00+00:00",
        "opened_at": "2026-11-21T12:02:00+00:00",
        "closed_at": None,
        "evidence": broken.evidence,
        "url": f"{SITE}/monitor/alerts/{broken.pk}/",
    }


def test_a_recovery_says_how_long_it_took():
    over = alert(live=None, state="closed", closed_at=minutes(64))
    said = messages.recovered(over)

    assert (
        said.subject == "[pulsarsite] Recovered: Host archive is down, after 1 h 04 min"
    )
    assert "From 2026-11-21 13:00 CET to 2026-11-21 14:04 CET." in said.text
    assert said.body["type"] == "alert.closed"


def test_no_title_makes_a_header_or_a_long_line():
    said = messages.opened(alert(title="Down\r\nBcc: eve@example.org\x00" + "x" * 150))

    assert said.subject.startswith("[pulsarsite] Down Bcc: eve@example.org xxx")
    assert len(said.subject) <= 200
    assert said.subject.isprintable()


def test_each_hears_what_is_grave_enough_and_only_while_switched_on():
    webhook("http://a/", "All")
    webhook("http://b/", "Grave", least="critical")
    webhook("http://c/", "Off", on=False)
    channels = Channel.objects.order_by("name")

    assert tell.opened(alert(severity="warning"), channels) == 1
    assert tell.opened(alert(cause="other"), channels) == 2
    assert queued() == [
        ("All", "opened", "queued"),
        ("All", "opened", "queued"),
        ("Grave", "opened", "queued"),
    ]


def test_nobody_is_told_twice_unless_it_is_graver():
    channels = [webhook("http://a/")]
    broken = alert(severity="warning")
    assert [tell.opened(broken, channels) for _ in range(2)] == [1, 0]

    broken.severity = "critical"
    assert [tell.opened(broken, channels) for _ in range(2)] == [1, 0]


def test_who_was_told_that_it_broke_is_told_that_it_is_over():
    told, off = webhook("http://a/", "Told"), webhook("http://b/", "Off later")
    failed, late = webhook("http://c/", "Given up"), webhook("http://d/", "Late")
    webhook("http://e/", "Never told")
    broken = alert()
    tell.opened(broken, [told, off, failed, late])
    Delivery.objects.filter(channel__in=[told, off]).update(state="sent")
    Delivery.objects.filter(channel=failed).update(state="failed")
    Channel.objects.filter(pk=off.pk).update(on=False)

    broken.closed_at = minutes(5)
    assert tell.recovered(broken) == 2
    assert queued() == [
        ("Told", "opened", "sent"),
        ("Off later", "opened", "sent"),
        ("Given up", "opened", "failed"),
        # The word that it is over says both.
        ("Late", "opened", "merged"),
        ("Told", "recovered", "queued"),
        ("Late", "recovered", "queued"),
    ]
    merged = Delivery.objects.get(state="merged")
    assert merged.digest == Delivery.objects.get(channel=late, what="recovered")


def test_a_report_goes_to_those_who_want_it():
    webhook("http://a/", "Wants", night_report=True)
    webhook("http://b/", "Wants not")
    webhook("http://c/", "Off", night_report=True, on=False)
    at = NOON + timedelta(hours=8)

    assert tell.report("Night of\nthe 20th", "text", "<p>html</p>", {"n": 1}, at) == 1
    sent = Delivery.objects.get()
    assert (sent.channel.name, sent.what, sent.created_at) == ("Wants", "report", at)
    assert sent.subject == "[pulsarsite] Night of the 20th"
    assert sent.text == f"text\n\npulsarsite, {SITE}\n"
    assert sent.html == "<p>html</p>"
    assert (sent.body["type"], sent.body["data"]) == ("report.sent", {"n": 1})


def test_evidence_of_any_form_can_be_told():
    host = check("host-archive")
    bare = alert(evidence={}, subject=host)
    assert "Why" not in messages.opened(bare).text
