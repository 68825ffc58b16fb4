"""/api/v1/alerts: what is live, what is over, why, and seeing to it."""

import pytest
import time_machine

from accounts.models import User
from monitor.models import Alert, Channel, Delivery, Outbox
from monitor.tests.alerted import NOON, check, minutes, pass_by, rule

pytestmark = pytest.mark.django_db

URL = "/api/v1/alerts"


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


@pytest.fixture
def gate():
    """An alert of a host that is down, opened by a rule."""
    rule(severity="critical", kind="host")
    check("host-gate", "down", since=0)
    pass_by(1, 1)
    return Alert.objects.get()


def old(number: int, **values) -> Alert:
    given = {
        "cause": f"host-{number}",
        "title": f"Host {number} is down",
        "live": None,
        "state": "closed",
        "severity": "warning",
        "begun_at": minutes(number),
        "opened_at": minutes(number // 2),
        "closed_at": minutes(number + 1),
    }
    return Alert.objects.create(**(given | values))


def listed(program, query: str = "") -> list[str]:
    answer = program.get(f"{URL}?{query}")
    assert answer.status_code == 200
    return [one["cause"] for one in answer.json()["results"]]


def brief(alert: Alert, **values) -> dict:
    return {
        "id": alert.pk,
        "url": f"/monitor/alerts/{alert.pk}/",
        "title": "Host host-gate is down",
        "cause": "host-gate",
        "state": "open",
        "severity": "critical",
        "check": "host-gate",
        "rule": alert.rule_id,
        "because": None,
        "begun_at": "2026-11-21T12:00:00Z",
        "opened_at": "2026-11-21T12:01:00Z",
        "told_at": "2026-11-21T12:01:00Z",
        "acknowledged_at": None,
        "acknowledged_by": None,
        "note": "",
        "closed_at": None,
        "closed_by": None,
    } | values


def test_an_alert_says_why_and_who_was_told(otto, gate):
    channel = Channel.objects.create(name="Door", kind="webhook", address="https://x/y")
    Delivery.objects.create(
        channel=channel, what="opened", alert=gate, subject="Down", created_at=NOON
    )
    told_at = gate.told_at and "2026-11-21T12:01:00Z"
    found = brief(gate, told_at=told_at)

    page = {"previous": None, "next": None, "results": [found]}
    assert otto.get(URL).json() == page
    [delivery] = gate.deliveries.all()
    assert otto.get(f"{URL}/{gate.pk}").json() == found | {
        "says": "a host is down",
        "numbers": gate.evidence["numbers"],
        "rows": [{"at": "2026-11-21T12:01:00Z", "value": "down", "words": ""}],
        "closed": "",
        "again": 0,
        "dependents": [],
        "deliveries": [
            {
                "id": delivery.pk,
                "channel": "Door",
                "what": "opened",
                "state": "queued",
                "created_at": "2026-11-21T12:00:00Z",
                "sent_at": None,
            }
        ],
    }


@time_machine.travel(minutes(5), tick=False)
def test_it_is_acknowledged_and_closed_by_name(otto, caller, gate):
    one = f"{URL}/{gate.pk}"

    def post(program, act: str, **body: str):
        return program.post(f"{one}/{act}", body, content_type="application/json")

    seen = post(otto, "acknowledge", note="On my way").json()
    assert (seen["state"], seen["acknowledged_by"], seen["note"]) == (
        "acknowledged",
        "otto",
        "On my way",
    )
    assert seen["acknowledged_at"] == "2026-11-21T12:05:00Z"
    second = post(caller("operator", "olga"), "acknowledge")
    assert (second.status_code, second.json()["detail"]) == (
        409,
        "otto acknowledged it before you.",
    )
    closed = post(otto, "close", note="Switched off for good").json()
    assert (closed["state"], closed["closed_by"], closed["closed"]) == (
        "closed",
        "otto",
        "Switched off for good",
    )
    assert post(otto, "close", note="Again").status_code == 409
    kinds = Outbox.objects.filter(kind__startswith="alert.").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        "alert.opened",
        "alert.acknowledged",
        "alert.closed",
    ]
    User.objects.filter(username="otto").delete()
    [row] = caller("operator", "olga").get(URL).json()["results"]
    assert (row["acknowledged_by"], row["closed_by"]) == (None, None)


def test_nobody_needs_a_note_to_see_to_it(otto, gate):
    answer = otto.generic("POST", f"{URL}/{gate.pk}/acknowledge")
    assert (answer.status_code, answer.json()["note"]) == (200, "")


def test_a_note_that_cannot_be_is_refused(otto, gate):
    for act, note in (
        ("close", None),
        ("close", " \n"),
        ("close", "x\x00"),
        ("close", "x" * 10_000),
        ("acknowledge", "\x00"),
        ("acknowledge", "x" * 301),
        ("acknowledge", 5),
    ):
        address, body = f"{URL}/{gate.pk}/{act}", {"note": note}
        answer = otto.post(address, body, content_type="application/json")
        assert answer.status_code == 422
    assert otto.generic("POST", f"{URL}/{gate.pk}/close").status_code == 422
    gate.refresh_from_db()
    assert gate.state == "open"


def test_all_pages_are_all_alerts_the_newest_first(otto):
    for number in range(7):
        old(number)
    seen, address = [], f"{URL}?page_size=3&live=false"
    while address:
        page = otto.get(address).json()
        seen += [one["cause"] for one in page["results"]]
        address = page["next"]
    assert seen == [f"host-{number}" for number in range(6, -1, -1)]


def test_they_are_found_by_what_they_are_and_are_about(otto, gate):
    old(1)
    old(2, severity="critical", title="The beam is down")

    assert listed(otto, "live=true") == ["host-gate"]
    assert listed(otto, "state=open") == ["host-gate"]
    assert listed(otto, "live=false&severity=critical") == ["host-2"]
    assert listed(otto, "kind=host") == listed(otto, "check=host-gate") == ["host-gate"]
    assert listed(otto, "text=BEAM") == ["host-2"]


def test_what_cannot_be_asked_is_refused(otto):
    for query in (
        "state=tired",
        "severity=none",
        "kind=door",
        "text=%00",
        f"text={'x' * 10_000}",
        "check=%00",
        "live=perhaps",
        "cursor=cD1hYmM%3D",
    ):
        assert otto.get(f"{URL}?{query}").status_code == 422
    for number in ("0", str(10**18), str(10**40)):
        assert otto.get(f"{URL}/{number}").status_code == 404


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    otto, django_assert_max_num_queries
):
    for number in range(20):
        old(number, closed_by="1", subject=check(f"host-{number}"))
    listed(otto)
    with django_assert_max_num_queries(12):
        assert len(listed(otto)) == 20


def test_only_operators_see_and_see_to_them(caller, gate):
    for program in (caller("researcher"), caller("operator", read_only=True)):
        for act in ("acknowledge", "close"):
            address, body = f"{URL}/{gate.pk}/{act}", {"note": "x"}
            answer = program.post(address, body, content_type="application/json")
            assert answer.status_code == 403
    assert caller("researcher").get(URL).status_code == 403
    gate.refresh_from_db()
    assert gate.state == "open"
