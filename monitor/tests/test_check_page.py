"""/monitor/checks/…: one check with what the last look found, and how it was."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from monitor.models import Alert, Check, Flip, Sample
from monitor.processes import detached
from monitor.tests.pages import check, job, text

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def browser(client, person):
    client.force_login(person("operator", "otto"))
    return client


def ago(**length: float):
    return timezone.now() - timedelta(**length)


def test_of_a_host_each_address_of_each_family_has_its_verdict(browser):
    silent = {"address": "2001:db8::1", "verdict": "timed out", "ms": None, "words": ""}
    alive = {"address": "192.0.2.1", "verdict": "up", "ms": 1.25, "words": ""}
    detail = {
        "address": "gate.example.org",
        "port": 2222,
        "families": {
            "IPv4": {"verdict": "up", "words": "", "addresses": [alive]},
            "IPv6": {"verdict": "timed out", "words": "", "addresses": [silent]},
        },
    }
    check("host-gate", summary="up, IPv6 down", detail=detail)
    page = text(browser.get("/monitor/checks/host-gate/"))

    assert "</span> up, IPv6 down</p>" in page
    assert '<h3>IPv4 <span class="badge up">up</span></h3>' in page
    # People are told what it means, in one word on all of the page.
    assert '<h3>IPv6 <span class="badge down">offline</span></h3>' in page
    row = page.partition("2001:db8::1</th>")[2].partition("</tr>")[0]
    assert "<td>offline</td>" in row
    assert "timed out" not in page
    assert "1.25 ms" in page.partition("192.0.2.1</th>")[2]
    assert "<dt>Port</dt><dd>2222</dd>" in page
    assert "{" not in page.partition("<main")[2].partition("</main>")[0]


def test_each_step_has_its_time_and_the_drivers_own_words(browser):
    steps = [
        {"step": "connect", "seconds": 0.0021, "error": ""},
        {"step": "query", "seconds": 2.004, "error": "(2013, 'Lost connection')"},
        {"step": "read", "seconds": None, "error": ""},
    ]
    check("database-far", "down", detail={"steps": steps, "engine": "mysql"})
    page = text(browser.get("/monitor/checks/database-far/"))

    assert '<li class="done"><b>Connect</b> <span>2.1 ms</span></li>' in page
    assert (
        '<li class="broken"><b>Query</b> <span>2.0 s</span>'
        "<small>(2013, &#x27;Lost connection&#x27;)</small></li>"
    ) in page
    assert '<li class="broken"><b>Read</b> <span>no answer in time</span></li>' in page
    assert "<dt>Engine</dt><dd>mysql</dd>" in page


def test_of_workers_each_has_its_queues_and_its_last_sign_of_life(browser):
    heavy = {"name": "heavy@far", "queues": ["heavy"], "lives": False}
    detail = {
        "workers": [heavy | {"last_ping": "2026-11-21T10:00:00+00:00"}],
        "queues": {
            "interactive": {"workers": 2, "active": 1, "queued": 4321},
            "heavy": {"workers": 0, "active": 0, "queued": 7},
        },
    }
    check("workers", "down", detail=detail)
    page = text(browser.get("/monitor/checks/workers/"))

    row = page.partition("heavy@far</th>")[2].partition("</tr>")[0]
    assert "<td>heavy</td>" in row
    assert '<time datetime="2026-11-21T10:00:00Z"' in row
    assert '<span class="badge down">silent</span>' in row
    cell = '<td class="number">'
    busy = page.partition(">interactive</th>")[2].partition("</tr>")[0]
    assert f"{cell}2</td> {cell}1</td> {cell}4 321</td>" in busy
    assert '<span class="badge down">nobody</span>' in page
    assert "{" not in page.partition("<main")[2].partition("</main>")[0]


def test_whatever_else_it_found_is_told_in_words(browser):
    detail = {
        "root": "/srv/var",
        "free": 3 * 2**30,
        "growth_per_day": -(2**20),
        "used": 0.576,
        "uptime": 7260,
        "oldest": "2026-11-21T10:00:00+00:00",
        "load_per_core": [0.5, 0.25],
        "memory": {"total": 2**30},
        "days_left": None,
        "writable": True,
        "waiting": 12345,
        "processor": {"busy": 1},
    }
    check("machine", detail=detail)
    page = text(browser.get("/monitor/checks/machine/"))

    facts = page.partition('<dl class="facts">')[2].partition("</dl>")[0]
    for name, value in {
        "Folder": "/srv/var",
        "Free": "3.0\N{NO-BREAK SPACE}GB",
        "Growth per day": "-1.0\N{NO-BREAK SPACE}MB",
        "Used": "58 %",
        "Uptime": "2 h 01 min",
        "Load per core": "0.5, 0.25",
        "Memory total": "1.0\N{NO-BREAK SPACE}GB",
        "Days left": "–",
        "Writable": "yes",
        "Waiting": "12\u202f345",
    }.items():
        assert f"<dt>{name}</dt><dd>{' '.join(value.split())}</dd>" in facts, name
    assert '<dt>Oldest</dt><dd><time datetime="2026-11-21T10:00:00Z"' in facts
    # What is kept for the next look says nothing to people.
    assert "Busy" not in facts


@time_machine.travel(NOON, tick=False)
def test_its_past_is_a_bar_with_a_table_and_the_share_of_each_window(browser):
    broker = check("broker", since=ago(hours=6))
    for hours, was, state in ((9, "up", "down"), (6, "down", "up")):
        at = ago(hours=hours)
        Flip.objects.create(
            subject=broker, at=at, was=was, state=state, summary=f"to {state}"
        )
    page = text(browser.get("/monitor/checks/broker/"))

    assert "<b>Last day</b> <span>up 87.50 %, down 1 time, 3 h 00 min in all" in page
    assert "<b>Last week</b> <span>up 98.21 %" in page
    assert page.count('role="img" aria-label="Its states over the last') == 3
    assert '<details id="flips">' in page
    rows = page.partition('id="flips"')[2].partition("</table>")[0]
    assert rows.index("to up") < rows.index("to down")
    assert "6 h 00 min so far" in rows


@time_machine.travel(NOON, tick=False)
def test_a_share_is_never_rounded_up_to_the_whole(browser):
    broker = check("broker", since=ago(hours=3))
    for seconds, was, state in ((10801, "up", "down"), (10800, "down", "up")):
        at = ago(seconds=seconds)
        Flip.objects.create(subject=broker, at=at, was=was, state=state)

    assert "up 99.99 %" in text(browser.get("/monitor/checks/broker/"))


def test_its_alerts_stand_there_the_newest_first(browser):
    broker = check("broker")
    given = {"cause": "broker", "severity": "critical", "subject": broker}
    for n, title in enumerate(("First", "Second")):
        at = ago(hours=9 - n)
        Alert.objects.create(
            title=title, live=None, state="closed", begun_at=at, opened_at=at,
            closed_at=at, **given,
        )  # fmt: skip
    Alert.objects.create(title="Now", begun_at=ago(hours=1), **given)
    page = text(browser.get("/monitor/checks/broker/"))

    alerts = page.partition('id="alerts-title"')[2]
    places = [alerts.index(f">{title}</a>") for title in ("Now", "Second", "First")]
    assert places == sorted(places)
    assert '<span class="badge critical">open</span>' in alerts


def test_a_stale_reading_says_that_it_may_be_otherwise(browser):
    check("broker", looked_at=ago(minutes=20))
    page = text(browser.get("/monitor/checks/broker/"))

    assert '<span class="badge stale">stale</span>' in page
    assert "This reading is old: nobody has looked since" in page


def test_its_figures_are_drawn_over_a_day(browser):
    check("storage")
    for minutes in range(30, 0, -1):
        at = ago(minutes=minutes)
        Sample.objects.create(name="storage.free", value=2.0**30, at=at)
        Sample.objects.create(name="machine.load", value=1.0, at=at)
    page = text(browser.get("/monitor/checks/storage/"))

    assert '<a href="/monitor/figures/storage.free/">' in page
    assert "machine.load" not in page


def test_of_what_has_no_figures_no_others_are_drawn(browser):
    check("host-gate")
    Sample.objects.create(name="machine.load", value=1.0)

    assert "figure-chart" not in text(browser.get("/monitor/checks/host-gate/"))


def test_its_tab_is_that_of_the_overview_from_which_one_came(browser):
    check("broker")
    tabs = text(browser.get("/monitor/checks/broker/")).partition("tabs")[2]

    current = tabs.partition("</nav>")[0].split('aria-current="page"')
    assert len(current) == 2
    assert current[1].startswith(">Overview<")


def test_the_page_of_a_job_tells_more_of_it(browser):
    job("nightly")
    check("job-nightly")
    check("job-gone")

    assert browser.get("/monitor/checks/job-nightly/").url == "/monitor/jobs/nightly/"
    assert browser.get("/monitor/checks/job-gone/").status_code == 200


def test_htmx_gets_the_part_that_lives_alone(browser):
    check("broker", depends=["clock"])
    answer = browser.get("/monitor/checks/broker/", headers={"HX-Request": "true"})

    assert text(answer).startswith('<div id="check"')
    assert '<a href="/monitor/checks/clock/">clock</a>' in text(answer)


def test_what_was_never_looked_at_says_so_and_can_be(browser, monkeypatch):
    started = []
    monkeypatch.setattr(detached, "start", started.append)
    url = "/monitor/checks/machine/"
    page = text(browser.get(url))
    assert "<h1>Machine</h1>" in page
    assert "It has not been looked at yet" in page
    assert f'<form id="looking" method="post" action="{url}look/">' in page
    assert '<button class="button" form="looking">Check now</button>' in page
    assert not Check.objects.exists()

    assert browser.post(f"{url}look/", {"stay": "1"}).url == url
    assert started == [["look", "machine"]]
    part = text(browser.get(url, headers={"HX-Request": "true"}))
    assert part.startswith('<div id="check"')
    assert "It has not been looked at yet" in part
    assert '<span class="asked">asked ' in part
    row = Check.objects.get()
    assert (row.slug, row.kind, row.state, row.looked_at) == (
        "machine", "machine", "new", None,
    )  # fmt: skip


def test_there_is_no_page_of_what_there_is_not(browser):
    for slug in ("nothing", "job-nothing"):
        assert browser.get(f"/monitor/checks/{slug}/").status_code == 404
        assert browser.post(f"/monitor/checks/{slug}/look/").status_code == 404
