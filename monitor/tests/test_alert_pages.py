"""The pages of alerts: what is live, what is over, why, and seeing to it."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils.timezone import now

from monitor.alerts.acknowledge import acknowledge, close
from monitor.models import Alert, Channel, Delivery, Outbox
from monitor.telling import tell
from monitor.tests.alerted import check, minutes, pass_by, rule, turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(person, client):
    user = person("operator", "otto")
    client.force_login(user)
    return user


@pytest.fixture
def chain():
    """A host that is down, its database, and a broker of its own trouble."""
    rule(severity="critical", kind="host")
    rule()
    check("host-db", "down", since=0)
    check("database-events", "down", since=1, depends=["host-db"])
    check("broker", "down", since=0)
    pass_by(1, 2)


def alert(cause: str) -> Alert:
    return Alert.objects.get(cause=cause)


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_live_alerts_come_first_the_worst_above_and_dependents_below(
    client, operator, chain
):
    answer = client.get(reverse("monitor:alerts"))
    lines = [(line.alert.cause, line.depth) for line in answer.context["live"]]
    assert lines == [("host-db", 0), ("database-events", 1), ("broker", 0)]
    text = answer.content.decode()
    assert text.count("nobody is told of it apart") == 1
    assert text.count("I see to it") == 3


def test_what_is_over_is_paged_by_key_and_filtered(client, operator):
    for number in range(120):
        Alert.objects.create(
            cause=f"host-{number}",
            title=f"{'even' if number % 2 == 0 else 'odd'} is down",
            live=None,
            state="closed",
            severity="critical" if number % 3 else "warning",
            begun_at=minutes(number),
            opened_at=minutes(number // 7),
            closed_at=minutes(number + 1),
        )
    url = reverse("monitor:alerts")
    seen = []
    address = {"state": "closed"}
    while address:
        page = client.get(url, address).context["page"]
        seen += [one.cause for one in page.alerts]
        address = page.older and {"before": str(page.older), "state": "closed"}
    assert seen == [f"host-{number}" for number in range(119, -1, -1)]
    some = client.get(url, {"text": "EVEN", "severity": "warning"}).context["page"]
    assert [one.cause for one in some.alerts] == [
        f"host-{number}" for number in range(114, -1, -6)
    ]
    assert client.get(url, {"state": "none"}).status_code == 422
    for place in ("x", "2026-11-21T12:00:00,1", "2026-11-21T12:00:00+00:00,-1"):
        assert client.get(url, {"before": place}).status_code == 404


def test_a_fragment_is_the_lists_alone(client, operator, chain):
    answer = client.get(reverse("monitor:alerts"), headers={"hx-request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="alerts"')


def test_nothing_at_all_is_said(client, operator):
    assert b"Nothing needs you." in client.get(reverse("monitor:alerts")).content


def test_one_of_them_shows_why_what_hangs_on_it_and_who_was_told(
    client, operator, chain
):
    mail = Channel.objects.create(name="All of us", kind="mail", address="a@b.org")
    tell.opened(alert("host-db"), [mail])
    turn("host-db", "up", 3)
    answer = client.get(alert("host-db").get_absolute_url())
    told = answer.context["told"]
    assert told.rule == "a host is down"
    assert told.numbers == [["down for", "1 min", ""]]
    assert [(row.at, row.value) for row in told.rows] == [(minutes(1), "down")]
    assert [one.cause for one in told.dependents] == ["database-events"]
    assert [one.channel for one in told.deliveries] == [mail]
    assert [(flip.was, flip.state) for flip in told.flips] == [("down", "up")]
    text = answer.content.decode()
    assert "All of us" in text
    assert "What it explains" in text
    below = client.get(alert("database-events").get_absolute_url())
    assert "nobody was told of it apart" in below.content.decode()


def test_one_that_was_raised_says_when(client, operator, chain):
    found = alert("broker")
    found.evidence["raised"] = [minutes(9).isoformat(), "warning"]
    found.save(update_fields=["evidence"])
    answer = client.get(found.get_absolute_url())
    assert answer.context["told"].raised == (minutes(9), "warning")
    assert f"from warning to {found.severity}" in answer.content.decode()


def test_an_alert_whose_check_and_rule_are_gone_is_shown_all_the_same(
    client, operator, chain
):
    found = alert("broker")
    found.subject.delete()
    found.rule.delete()
    assert client.get(found.get_absolute_url()).status_code == 200


def test_who_acknowledges_second_is_told_who_was_first(client, operator, person, chain):
    acknowledge(alert("broker"), person("operator", "ana"), "I restart it.")
    url = reverse("monitor:alert-acknowledge", args=[alert("broker").pk])
    answer = client.post(url, {"note": "Me too", "list": "1"})
    assert answer.url == reverse("monitor:alerts")
    assert said(answer) == ["broker is down: ana acknowledged it before you."]
    found = alert("broker")
    assert (found.state, found.note) == ("acknowledged", "I restart it.")
    page = client.get(reverse("monitor:alerts")).content.decode()
    assert "ana sees to it: I restart it." in page


def test_acknowledging_is_an_event_and_the_alert_still_recovers(
    client, operator, chain
):
    url = reverse("monitor:alert-acknowledge", args=[alert("broker").pk])
    answer = client.post(url, {"note": "  I see\nto it "})
    assert answer.url == alert("broker").get_absolute_url()
    found = alert("broker")
    assert found.acknowledged_at <= now()
    assert (found.acknowledged_by, found.note) == (str(operator.pk), "I see to it")
    event = Outbox.objects.get(kind="alert.acknowledged")
    assert (event.about, event.who) == ("alert broker is down", str(operator.pk))
    turn("broker", "up", 3)
    pass_by(3, 5)
    assert alert("broker").state == "closed"


def test_a_closing_by_hand_says_who_and_why_and_tells_nobody(client, operator, chain):
    url = reverse("monitor:alert-close", args=[alert("broker").pk])
    assert said(client.post(url, {"note": " "})) == [
        "broker is down: A closing by hand needs a note: others will wonder."
    ]
    assert alert("broker").live
    client.post(url, {"note": "We moved it."})
    found = alert("broker")
    assert (found.live, found.state, found.closed_by) == (
        None,
        "closed",
        str(operator.pk),
    )
    assert not Delivery.objects.filter(what="recovered").exists()
    event = Outbox.objects.get(kind="alert.closed")
    assert (event.who, event.detail) == (str(operator.pk), {"reason": "We moved it."})
    page = client.get(reverse("monitor:alerts")).content.decode()
    assert "otto: We moved it." in page


def test_what_is_closed_is_neither_closed_again_nor_acknowledged(
    client, operator, person, chain
):
    close(alert("broker"), person("operator", "ana"), "Enough.")
    for name in ("alert-acknowledge", "alert-close"):
        url = reverse(f"monitor:{name}", args=[alert("broker").pk])
        answer = client.post(url, {"note": "Mine"})
        assert said(answer)[-1] == "broker is down: ana closed it before you."
    turn("host-db", "up", 3)
    pass_by(3, 5)
    url = reverse("monitor:alert-acknowledge", args=[alert("host-db").pk])
    assert said(client.post(url))[-1] == (
        "Host host-db is down: It was closed before you. It is well again."
    )


def test_a_note_that_is_too_long_is_refused(client, operator, chain):
    url = reverse("monitor:alert-acknowledge", args=[alert("broker").pk])
    answer = client.post(url, {"note": "x" * 301})
    assert said(answer) == ["broker is down: A note has at most 300 characters."]
    assert alert("broker").state == "open"


def test_a_title_is_text_and_never_markup(client, operator):
    rule()
    check("broker", "down", since=0)
    Alert.objects.create(
        cause="x", title="<b>bold</b>", severity="warning", begun_at=minutes(0)
    )
    for url in (reverse("monitor:alerts"), alert("x").get_absolute_url()):
        assert b"<b>bold" not in client.get(url).content


@pytest.mark.parametrize("role", ["researcher", "operator", "admin"])
def test_researchers_get_nothing_of_it(client, person, chain, role):
    client.force_login(person(role))
    pk = alert("broker").pk
    expected = 403 if role == "researcher" else 200
    assert client.get(reverse("monitor:alerts")).status_code == expected
    assert client.get(reverse("monitor:alert", args=[pk])).status_code == expected
    for name in ("alert-acknowledge", "alert-close"):
        url = reverse(f"monitor:{name}", args=[pk])
        assert (client.post(url).status_code == 403) == (role == "researcher")
        assert client.get(url).status_code == 405


def test_an_alert_of_a_figure_leads_to_its_chart(client, operator):
    held = rule(kind="", figure="outbox.age", condition="above", value=60)
    old = Alert.objects.create(
        cause="outbox.age", title="Old", severity="warning", begun_at=now(), rule=held
    )
    page = client.get(old.get_absolute_url()).content.decode()
    assert 'href="/monitor/figures/outbox.age/">See its figure</a>' in page


def test_whom_nobody_was_told_of_is_not_said_to_have_been_told(client, operator, chain):
    page = client.get(alert("broker").get_absolute_url()).content.decode()
    assert "<dt>Told</dt><dd>nobody</dd>" in page
    assert "no channel was on that is told of such alerts" in page
