"""/api/v1/rules, channels and deliveries: who is told of what, and how that went."""

import pytest

from monitor.models import Channel, Delivery, Rule
from monitor.processes import detached
from monitor.tests.alerted import NOON, check, rule

pytestmark = pytest.mark.django_db

URL = "/api/v1"
ADDRESS, SECRET = "https://hooks.example.org/T0KEN", "whsec_hidden"


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


@pytest.fixture
def boss(caller):
    return caller("admin")


@pytest.fixture
def channel():
    return Channel.objects.create(
        name="Door", kind="webhook", address=ADDRESS, secret=SECRET
    )


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[list[str]]:
    commands = []
    monkeypatch.setattr(detached, "start", lambda argv: commands.append(list(argv)))
    return commands


def post(program, address: str, /, **body: object):
    return program.post(f"{URL}{address}", body, content_type="application/json")


def test_a_rule_stands_in_words_and_in_parts(otto, channel):
    of_figure = rule("above", name="Full", figure="storage.used", value=0.9)
    of_figure.channels.add(channel)
    told = {
        "id": of_figure.pk,
        "url": f"/monitor/alerts/rules/{of_figure.pk}/",
        "name": "Full",
        "says": "When the figure “Used storage” is above 90 %, open a warning and "
        "tell every channel.",
        "on": True,
        "condition": "above",
        "kind": None,
        "slug": "",
        "figure": "storage.used",
        "value": 0.9,
        "for_seconds": 0,
        "severity": "warning",
        "tells_all": True,
        "channels": [channel.pk],
        "is_shipped": False,
        "revision": 1,
    }
    listed = otto.get(f"{URL}/rules").json()
    assert [one for one in listed if one["name"] == "Full"] == [told]
    assert otto.get(f"{URL}/rules/{of_figure.pk}").json() == told


def test_a_rule_is_made_and_changed_as_it_was_at_a_revision(boss, channel):
    check("host-gate")
    given = {
        "name": "Gate",
        "condition": "down",
        "slug": "host-gate",
        "for_seconds": 90,
        "severity": "critical",
        "channels": [channel.pk],
    }
    answer = post(boss, "/rules", **given)
    told = answer.json()
    assert answer.status_code == 201
    assert told["says"] == (
        "When host-gate is down for 1 min 30 s, open a critical alert and tell Door."
    )
    one = f"{URL}/rules/{told['id']}"

    def put(**values: object):
        return boss.put(one, given | values, content_type="application/json")

    changed = put(revision=1, channels=[], slug="", kind="host").json()
    assert changed["revision"] == 2
    assert changed["says"] == (
        "When a host is down for 1 min 30 s, open a critical alert and tell every "
        "channel."
    )
    late = put(revision=1)
    assert (late.status_code, late.json()["detail"]) == (
        409,
        "Somebody has changed this rule since you opened it.",
    )
    assert put().status_code == 422


def test_a_rule_that_cannot_be_is_refused(boss):
    before = Rule.objects.count()
    for bad in (
        {"name": "\x00"},
        {"name": "x" * 10_000},
        {"name": None},
        {"condition": "above"},
        {"figure": "none", "condition": "above", "value": 1},
        {"slug": "host-none"},
        {"slug": "\x00"},
        {"kind": "host", "slug": "broker"},
        {"value": 1e999},
        {"for_seconds": 10**30},
        {"channels": [10**18]},
        {"channels": [10**40]},
    ):
        given = {"name": "Bad", "condition": "down"} | bad
        assert post(boss, "/rules", **given).status_code == 422, bad
    assert Rule.objects.count() == before


def test_a_rule_is_switched_off_and_removed(boss):
    mine, shipped = rule(name="Mine"), rule(name="Ours", shipped="ours")

    assert post(boss, f"/rules/{mine.pk}/switch", on=False).json()["on"] is False
    assert post(boss, f"/rules/{mine.pk}/switch", on="perhaps").status_code == 422
    assert boss.delete(f"{URL}/rules/{mine.pk}").status_code == 204
    refused = boss.delete(f"{URL}/rules/{shipped.pk}")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "It came with the site: it can be switched off, not removed.",
    )
    assert not Rule.objects.filter(pk=mine.pk).exists()


def test_a_channel_is_told_without_its_address_and_secret(otto, channel):
    answer = otto.get(f"{URL}/channels/{channel.pk}")
    told = {
        "id": channel.pk,
        "name": "Door",
        "kind": "webhook",
        "on": True,
        "least": "warning",
        "night_report": False,
        "revision": 1,
        "last": None,
    }
    assert answer.json() == told
    everything = otto.get(f"{URL}/channels")
    assert everything.json() == [told]
    for hidden in (b"hooks", b"T0KEN", SECRET.encode()):
        assert hidden not in answer.content + everything.content


def test_a_channel_is_made_changed_and_removed(boss):
    given = {"name": "Hook", "kind": "webhook", "address": ADDRESS}
    answer = post(boss, "/channels", **given)
    told, made = answer.json(), Channel.objects.get()
    assert (answer.status_code, told["id"], told["on"]) == (201, made.pk, True)
    assert made.address == ADDRESS
    assert made.secret.encode() not in answer.content
    taken = post(boss, "/channels", **given)
    assert taken.json()["errors"] == [
        {"loc": ["body", "name"], "msg": "There is a channel “Hook” already."}
    ]
    one = f"{URL}/channels/{made.pk}"

    def put(**values: object):
        whole = {"least": "critical", "on": False, "night_report": False} | values
        return boss.put(one, whole, content_type="application/json")

    changed = put(revision=1, name="Other").json()
    assert (changed["name"], changed["least"], changed["on"], changed["revision"]) == (
        "Other",
        "critical",
        False,
        2,
    )
    made.refresh_from_db()
    assert made.address == ADDRESS
    assert put(revision=1, name="Late").status_code == 409
    assert put(revision=2, name="Bad", address="ftp://x").status_code == 422
    assert boss.delete(one).status_code == 204
    assert boss.get(one).status_code == boss.delete(one).status_code == 404


def test_a_channel_that_cannot_be_is_refused(boss):
    for bad in (
        {"name": "\x00"},
        {"address": "\x00"},
        {"address": "https://x/" + "x" * 10_000},
        {"address": "https://[::1"},
        {"address": "https://user:word@example.org/"},
        {"kind": "pigeon"},
        {"kind": "apprise", "address": "none://\x00"},
        {"least": "never"},
    ):
        given = {"name": "Bad", "kind": "webhook", "address": ADDRESS} | bad
        assert post(boss, "/channels", **given).status_code == 422, bad
    assert not Channel.objects.exists()


def test_a_message_is_sent_to_try_it_and_is_followed(boss, otto, channel, started):
    answer = post(boss, f"/channels/{channel.pk}/test")
    told = answer.json()
    assert (answer.status_code, told["what"], told["state"]) == (202, "test", "queued")
    last = otto.get(f"{URL}/channels/{channel.pk}").json()["last"]
    assert last == {name: told[name] for name in last}
    assert {"id", "state", "error"} < set(last)
    assert otto.get(f"{URL}/channels").json()[0]["last"] == last
    assert started == [["deliver"]]


def test_messages_are_listed_and_tried_again(otto, channel, started):
    sent, lost = (
        Delivery.objects.create(
            channel=channel, what="test", subject="Try", state=state, created_at=NOON
        )
        for state in ("sent", "failed")
    )

    def listed(query: str = "") -> list[int]:
        results = otto.get(f"{URL}/deliveries?{query}").json()["results"]
        return [one["id"] for one in results]

    assert listed() == [lost.pk, sent.pk]
    assert listed("state=failed") == [lost.pk]
    assert listed(f"channel={channel.pk}&page_size=1") == [lost.pk]
    assert listed(f"channel={channel.pk + 1}") == []
    again = otto.post(f"{URL}/deliveries/{lost.pk}/again")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert otto.post(f"{URL}/deliveries/{sent.pk}/again").json()["state"] == "sent"
    assert started == [["deliver"]]


def test_what_is_not_there_or_cannot_be_asked(boss):
    for number in (7, 10**18, 10**40):
        for address in ("rules", "channels"):
            assert boss.get(f"{URL}/{address}/{number}").status_code == 404
        assert boss.post(f"{URL}/channels/{number}/test").status_code == 404
        assert boss.post(f"{URL}/deliveries/{number}/again").status_code == 404
        assert boss.delete(f"{URL}/rules/{number}").status_code == 404
    for query in ("state=lost", f"channel={10**40}", "channel=0"):
        assert boss.get(f"{URL}/deliveries?{query}").status_code == 422


def test_operators_look_and_only_admins_change(otto, caller, channel):
    mine = rule()
    for program in (otto, caller("admin", read_only=True)):
        assert post(program, f"/rules/{mine.pk}/switch", on=False).status_code == 403
        assert program.delete(f"{URL}/rules/{mine.pk}").status_code == 403
        assert post(program, f"/channels/{channel.pk}/test").status_code == 403
        for address in ("rules", "channels"):
            assert post(program, f"/{address}").status_code == 403
            assert program.put(f"{URL}/{address}/1").status_code == 403
        assert program.delete(f"{URL}/channels/{channel.pk}").status_code == 403
    for address in ("rules", "channels", "deliveries"):
        assert caller("researcher").get(f"{URL}/{address}").status_code == 403
