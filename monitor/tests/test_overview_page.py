"""/monitor/: what is wrong is seen at once, and how old each reading is."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from monitor.checks.board import board
from monitor.models import Alert, Check, Job, Ping, Start, Switch
from monitor.processes import detached
from monitor.tests.pages import check, job, said, text

pytestmark = pytest.mark.django_db

URL = "/monitor/"


@pytest.fixture
def browser(client, person):
    client.force_login(person("operator", "otto"))
    return client


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The commands that are started instead of ours, which would see no test."""
    commands = []
    monkeypatch.setattr(detached, "start", lambda argv: commands.append(argv))
    return commands


def ago(**length: float):
    return timezone.now() - timedelta(**length)


def part(page: str, name: str) -> str:
    """The card with this title."""
    return page.partition(f'id="{name}-title"')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("states", "said", "mark"),
    [
        ("", "Nothing has been looked at yet", "new"),
        ("up", "The one check is up", "up"),
        ("up up started", "All 3 checks are up", "up"),
        (
            "up up paused new",
            "All 2 checks are up; 1 paused, 1 new",
            "up",
        ),
        ("new new", "Nothing is up yet: 2 new", "new"),
        ("down down grace up", "2 down, 1 in grace; 1 up", "down"),
        ("grace up up", "1 in grace; 2 up", "late"),
        ("down", "1 down", "down"),
        ("down paused", "1 down; 1 paused", "down"),
    ],
)
def test_the_verdict_is_one_sentence(browser, states, said, mark):
    for n, state in enumerate(states.split()):
        check(f"host-{n}", state)

    page = text(browser.get(URL))
    assert f'<h1 class="standing {mark}">{said}</h1>' in page


def test_what_is_not_well_stands_first_the_worst_before_all(browser):
    check("host-a")
    check("job-late", "grace")
    down = check("host-z", "down", summary="offline", since=ago(minutes=5))
    check("host-old", looked_at=ago(minutes=9))
    check("job-off", "paused", looked_at=ago(minutes=9))
    check("host-b", "up")
    Alert.objects.create(
        cause="host-z", severity="critical", title="z", subject=down, begun_at=ago()
    )
    answer = browser.get(URL)

    ill = part(text(answer), "ill")
    assert re.findall(r'id="ill-([^"]+)"', ill) == ["host-z", "job-late", "host-old"]
    first = ill[: ill.index("ill-job-late")]
    assert '<span class="badge down">down</span>' in first
    assert ">host-z</a> <span>offline</span>" in first
    assert "down since <time" in first
    assert "5 min 00 s ago" in first
    assert ">critical alert, open</a>" in first
    assert '<span class="badge stale">stale</span>' in ill
    assert text(answer).index('id="ill-title"') < text(answer).index('id="hosts-title"')


def test_no_id_stands_twice_though_what_is_ill_does(browser):
    for kind in Check.Kind:
        check(f"{kind}-a", "down")
        check(f"{kind}-b", looked_at=ago(minutes=9))
        check(f"{kind}-c")
    for slug in ("a", "c"):
        job(slug)
    given = {"severity": "critical", "begun_at": ago()}
    Alert.objects.create(cause="storage.free", title="Little room", **given)
    page = text(browser.get(URL))

    ids = re.findall(r'\sid="([^"]+)"', page)
    assert [one for one in set(ids) if ids.count(one) > 1] == []
    assert {"ill-host-a", "look-host-a", "look-host-c"} <= set(ids)


def test_an_alert_that_another_explains_says_so(browser):
    root, hung = check("host-z", "down"), check("database-far", "down")
    given = {"severity": "critical", "begun_at": ago()}
    first = Alert.objects.create(cause="host-z", title="z", subject=root, **given)
    Alert.objects.create(
        cause="database-far", title="far", subject=hung, because=first, **given
    )

    ill = part(text(browser.get(URL)), "ill")
    assert f'because of <a href="/monitor/alerts/{first.pk}/">z</a>' in ill


def test_live_alerts_about_nothing_that_is_ill_are_told_too(browser):
    well = check("storage")
    given = {"severity": "warning", "begun_at": ago()}
    Alert.objects.create(cause="storage.free", title="Little room", **given)
    Alert.objects.create(cause="storage", title="Of it", subject=well, **given)
    Alert.objects.create(cause="x", title="Long over", live=None, **given)

    alerts = part(text(browser.get(URL)), "alerts")
    assert [title in alerts for title in ("Little room", "Of it", "Long over")] == [
        True, True, False,
    ]  # fmt: skip


def test_of_what_is_down_the_critical_stands_first(browser):
    for slug, severity in (("host-a", "warning"), ("host-z", "critical")):
        down = check(slug, "down")
        Alert.objects.create(
            cause=slug, severity=severity, title=slug, subject=down, begun_at=ago()
        )

    ill = part(text(browser.get(URL)), "ill")
    assert re.findall(r'id="ill-([^"]+)"', ill) == ["host-z", "host-a"]


def test_that_the_web_process_looks_at_the_clock_wakes_nobody(browser):
    check("clock", "down")
    for n in range(5):
        check(f"host-{n}", looked_at=ago(minutes=12))
    page = text(browser.get(URL))

    assert "12 min 00 s ago: the clock that starts the looking" in page
    assert "Last looked 12 min 00 s ago." in page


def test_where_nobody_looks_any_more_that_is_told_once(browser):
    for n in range(5):
        check(f"host-{n}", looked_at=ago(minutes=12))
    check("host-dead", "down", looked_at=ago(minutes=13))
    page = text(browser.get(URL))

    assert "Nobody has looked since" in page
    assert "12 min 00 s ago: the clock that starts the looking may have stopped" in page
    assert re.findall(r'id="ill-([^"]+)"', part(page, "ill")) == ["host-dead"]
    assert board(timezone.now()).verdict == "1 down, 5 stale"


def test_each_reading_says_how_old_it_is_or_that_it_is_asked_for(browser):
    check("broker", looked_at=ago(seconds=12))
    check("clock", looked_at=ago(seconds=50), asked_at=ago(seconds=3))
    check("outbox", looked_at=ago(seconds=1), asked_at=ago(seconds=3))
    check("workers", "new", looked_at=None)
    page = text(browser.get(URL))

    def age(slug: str) -> str:
        line = page.partition(f'id="look-{slug}"')[2].partition("</li>")[0]
        return re.sub("<[^>]*>", "", line[line.index('class="age"') + 12 :]).strip()

    assert age("broker").startswith("12 s ago")
    assert age("clock").startswith("asked 3 s ago")
    assert age("outbox").startswith("1 s ago")
    assert age("workers").startswith("not looked at yet")


def test_groups_name_their_kinds_and_the_families_of_hosts(browser):
    families = {
        "IPv4": {"verdict": "up", "words": "", "addresses": []},
        "IPv6": {"verdict": "timed out", "words": "", "addresses": []},
    }
    check("host-gate", detail={"families": families})
    for slug in ("database-default", "broker", "workers", "clock", "storage"):
        check(slug)
    check("champion", kind="model")
    page = text(browser.get(URL))

    assert "IPv4 up · IPv6 offline" in part(page, "hosts")
    assert "look-database-default" in part(page, "databases")
    assert re.findall('id="look-([^"]+)"', part(page, "work")) == [
        "broker", "workers", "clock",
    ]  # fmt: skip
    assert "look-storage" in part(page, "machine")
    assert "look-champion" in part(page, "models")


def test_without_hosts_the_key_of_the_configuration_is_named(browser):
    page = text(browser.get(URL))

    assert "<code>monitor.hosts</code>" in part(page, "hosts")
    assert "the clock does so once a minute" in part(page, "databases")
    assert "There is no job yet." in part(page, "jobs")


def test_jobs_stand_there_with_their_starts_and_switch(browser):
    nightly = job("nightly")
    job("broken")
    job("sweep_things", sweep=True)
    check("job-nightly", detail={"usual": [12.0, 48.0]})
    check("job-broken", "down", summary="its last start failed")
    started, ended = ago(minutes=12), ago(minutes=11)
    Start.objects.create(
        job=nightly.slug, at=started, host="hera", pid=1, ended_at=ended, exit=0,
        outcome="succeeded", duration=31.0, page="/dispatch/runs/7/",
    )  # fmt: skip
    Ping.objects.create(slug="nightly", started_at=started, succeeded_at=ended)
    off = {"job": "broken", "on": False, "who": "1", "at": ago()}
    Switch.objects.create(**off, reason="New rack")
    rows = part(text(browser.get(URL)), "jobs").split("<tr>")[2:]

    assert [re.search("/jobs/([^/]+)/", row)[1] for row in rows] == [
        "broken", "nightly", "sweep_things",
    ]  # fmt: skip
    assert "its last start failed" in rows[0]
    assert "New rack" in rows[0]
    assert "31 s <small>(12 s – 48 s)</small>" in rows[1]
    assert '<a href="/dispatch/runs/7/">' in rows[1]
    assert "title=" in rows[1]
    assert '<span class="badge up">On</span>' in rows[1]
    assert "part of the tick" in rows[2]


def test_of_many_jobs_the_worst_are_shown(browser):
    Job.objects.bulk_create(
        Job(
            slug=f"job{n}", cron="0 1 * * *", argv=[], page="/",
            start_within=1, finish_within=1,
        )
        for n in range(40)
    )  # fmt: skip
    check("job-job39", "down")
    page = part(text(browser.get(URL)), "jobs")

    assert "All 40 of them" in page
    assert page.count("<tr>") == 31
    assert page.index("job39") < page.index("job0")


def test_htmx_gets_the_part_that_lives_alone(browser, settings):
    check("broker")
    answer = browser.get(URL, headers={"HX-Request": "true"})
    page = text(answer)

    assert page.startswith('<div id="overview"')
    seconds = settings.PULSAR.monitor.refresh_seconds
    assert f'hx-trigger="every {seconds}s"' in page
    # Somebody waits.
    Check.objects.update(asked_at=timezone.now() + timedelta(seconds=1))
    assert 'hx-trigger="every 2s"' in text(browser.get(URL))


def test_without_javascript_there_is_a_link(browser):
    assert f'<a href="{URL}">Refresh</a>' in text(browser.get(URL))


def test_everything_is_looked_at_on_demand_and_once(browser, started):
    check("broker")
    check("clock")
    answer = browser.post("/monitor/look/")
    assert (answer.url, said(answer)) == (URL, [])
    assert started == [["look"]]
    assert Check.objects.exclude(asked_at=None).count() == 2

    answer = browser.post("/monitor/look/")
    assert said(answer) == ["Everything is being looked at already."]
    assert started == [["look"]]


def test_one_is_looked_at_on_demand_from_here_or_from_its_page(browser, started):
    check("broker")
    check("clock")
    assert browser.post("/monitor/checks/broker/look/").url == URL
    answer = browser.post("/monitor/checks/clock/look/", {"stay": "1"})
    assert answer.url == "/monitor/checks/clock/"
    assert started == [["look", "broker"], ["look", "clock"]]
    answer = browser.post("/monitor/checks/clock/look/")
    assert said(answer) == ["clock is being looked at already."]
    assert browser.post("/monitor/checks/none/look/").status_code == 404


def test_it_takes_few_queries_however_much_there_is(
    browser, django_assert_max_num_queries
):
    for n in range(60):
        check(f"host-{n}", "down" if n % 2 else "up")
    for n in range(8):
        job(f"j{n}")
        check(f"job-j{n}")
    with django_assert_max_num_queries(22):
        browser.get(URL)
