"""/api/v1/checks: how everything is that is looked at, and a look now."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from monitor.models import Alert, Check, Flip
from monitor.processes import detached
from monitor.tests.pages import check, job

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "/api/v1/checks"


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    commands = []
    monkeypatch.setattr(detached, "start", lambda argv: commands.append(list(argv)))
    return commands


GATE = {
    "slug": "host-gate",
    "url": "/monitor/checks/host-gate/",
    "kind": "host",
    "name": "host-gate",
    "state": "down",
    "since": "2026-11-21T11:00:00Z",
    "summary": "offline",
    "looked_at": "2026-11-21T12:00:00Z",
    "took": "PT1.5S",
    "grace": None,
    "is_stale": False,
    "is_asked": False,
    "alert": None,
    "depends": ["host-router"],
}


@time_machine.travel(NOON, tick=False)
def test_what_is_worst_comes_first(otto):
    check("broker")
    job("prune")
    check("job-prune", "paused")
    gate = check("host-gate", "down", summary="offline", took=1.5)
    Check.objects.filter(pk=gate.pk).update(depends=["host-router"])

    told = otto.get(URL).json()
    assert told[0] == GATE
    assert [one["slug"] for one in told] == ["host-gate", "broker", "job-prune"]
    assert [one["grace"] for one in told] == [None, None, 300]
    assert [one["slug"] for one in otto.get(f"{URL}?state=up").json()] == ["broker"]
    assert otto.get(f"{URL}?kind=host").json() == [GATE]


@time_machine.travel(NOON, tick=False)
def test_one_sentence_says_whether_all_is_well(otto):
    check("broker")
    check("host-gate", "down")
    alert = Alert.objects.create(
        cause="x", severity="warning", title="Full", begun_at=NOON
    )

    assert otto.get("/api/v1/overview").json() == {
        "verdict": "1 down; 1 up",
        "mark": "down",
        "ill": ["host-gate"],
        "alerts": [alert.pk],
        "looked_at": "2026-11-21T12:00:00Z",
        "asleep_since": None,
        "is_asked": False,
    }


@time_machine.travel(NOON, tick=False)
def test_one_has_what_the_look_found_and_how_it_was(otto):
    detail = {"free": 5, "by": "7", "running": [{"by": "7"}]}
    values = {"summary": "offline", "took": 1.5, "depends": ["host-router"]}
    gate = check("host-gate", "down", detail=detail, **values)
    at = NOON - timedelta(hours=1)
    Flip.objects.create(subject=gate, at=at, was="up", state="down", summary="offline")
    alert = Alert.objects.create(
        cause="host-gate", severity="warning", title="Down", subject=gate, begun_at=at
    )

    told = otto.get(f"{URL}/host-gate").json()
    uptimes = told.pop("uptimes")
    assert told == GATE | {
        "alert": alert.pk,
        "detail": {"free": 5},
        "flips": [
            {
                "at": "2026-11-21T11:00:00Z",
                "was": "up",
                "state": "down",
                "summary": "offline",
                "lasted": "PT1H",
            }
        ],
    }
    assert uptimes[0] == {
        "window": "day",
        "since": "2026-11-20T12:00:00Z",
        "until": "2026-11-21T12:00:00Z",
        "uptime": pytest.approx(23 / 24),
        "downs": 1,
        "down": "PT1H",
    }
    assert [one["window"] for one in uptimes] == ["day", "week", "month"]


def test_what_nobody_has_looked_at_yet_is_new(otto, started):
    told = otto.get(f"{URL}/database-default").json()
    assert (told["state"], told["looked_at"], told["flips"]) == ("new", None, [])

    answer = otto.post(f"{URL}/database-default/look")
    assert (answer.status_code, answer.json()["is_asked"]) == (202, True)
    assert started == [["look", "database-default"]]


def test_a_look_is_asked_for_once(otto, started):
    check("host-gate", asked_at=None, looked_at=datetime(2026, 1, 1, tzinfo=UTC))
    for _ in range(2):
        answer = otto.post(f"{URL}/look")
        assert answer.status_code == 202
        assert [one["is_asked"] for one in answer.json()] == [True]
    assert started == [["look"]]


def test_what_is_no_check_is_not_there(otto, started):
    for slug in ("host-none", "%00", "a.b", "x" * 10_000):
        assert otto.get(f"{URL}/{slug}").status_code == 404
        assert otto.post(f"{URL}/{slug}/look").status_code == 404
    for query in ("state=well", "kind=door"):
        assert otto.get(f"{URL}?{query}").status_code == 422
    assert started == []


def test_only_who_may_see_the_monitor_looks(caller, started):
    researcher = caller("researcher")
    for address in (URL, "/api/v1/overview"):
        assert researcher.get(address).status_code == 403
    assert researcher.get(f"{URL}/host-gate").status_code == 403
    for program in (researcher, caller("operator", read_only=True)):
        assert program.post(f"{URL}/look").status_code == 403
    assert caller("operator", read_only=True).get(URL).status_code == 200
    assert started == []
