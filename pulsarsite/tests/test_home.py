"""The first page and the navigation, for each role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.tests.rows import NOON, run_row, schedule_row
from monitor.models import Alert, Check, Switch
from registry import serving
from registry.ship import register_shipped
from showroom.models import Batch, Candidate

pytestmark = pytest.mark.django_db

NAV = {
    "researcher": ["Home", "Showroom", "Judge", "Dispatch", "Registry"],
    "operator": ["Home", "Showroom", "Judge", "Dispatch", "Registry", "Monitor"],
    "admin": ["Home", "Showroom", "Judge", "Dispatch", "Registry", "Monitor", "People"],
}


@pytest.fixture(autouse=True)
def nothing_cached():
    serving._at_alias.cache_clear()
    serving._scorer.cache_clear()


@pytest.fixture
def champion():
    register_shipped()
    return serving.champion().version


@pytest.mark.parametrize("role", NAV)
def test_the_navigation_shows_what_the_role_may_open(client, person, role):
    client.force_login(person(role))

    nav = client.get("/").context["site"].nav

    assert [entry.label for entry in nav] == NAV[role]
    assert [entry.label for entry in nav if entry.active] == ["Home"]
    for entry in nav:
        page = client.get(entry.url)
        assert page.status_code == 200, entry.label
        if entry.label != "People":  # Django's own pages have their own navigation
            shown = page.context["site"].nav
            assert [e.label for e in shown if e.active] == [entry.label]


def test_a_stranger_sees_no_navigation(client):
    page = client.get("/accounts/login/")

    assert page.context["site"].nav == []
    assert "<nav" not in page.content.decode()


def test_an_account_without_role_is_told_whom_to_ask(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("newt"))

    page = client.get("/")

    assert [entry.label for entry in page.context["site"].nav] == ["Home"]
    assert "Your account has no role yet." in page.content.decode()
    assert "Classify candidates" not in page.content.decode()


def test_the_champion_is_shown_with_its_figures(client, person, champion):
    client.force_login(person("researcher"))

    page = client.get("/")

    assert page.context["champion"] == champion
    shown = page.content.decode()
    recall = champion.card["metrics"]["holdout"]["recall"]["value"]
    assert f"<dt>Recall</dt><dd>{recall:.3f}</dd>" in shown
    assert f'href="{champion.get_absolute_url()}"' in shown


def test_a_site_without_champion_says_that_nothing_can_be_classified(client, person):
    client.force_login(person("researcher"))

    shown = client.get("/").content.decode()

    assert "Nothing can be classified: There is no version pulsar@champion." in shown


def test_the_newest_batches_that_one_may_see_are_shown(client, person, champion):
    ana, rex = person("researcher", "ana"), person("researcher", "rex")
    for number in range(10):
        Batch.objects.create(owner=ana, title=f"batch-{number}", version=champion)
    Batch.objects.create(owner=ana, title="hers alone", version=champion, private=True)

    def listed(user) -> list[str]:
        client.force_login(user)
        return [batch.title for batch in client.get("/").context["batches"]]

    open_ones = [f"batch-{number}" for number in range(9, -1, -1)]
    assert listed(rex) == open_ones[:8]
    assert listed(ana) == ["hers alone", *open_ones[:7]]


def test_the_first_page_cannot_be_posted_to(client, person):
    client.force_login(person("researcher"))

    assert client.post("/").status_code == 405


def test_what_dispatch_does_is_not_there_while_there_is_nothing_to_tell(client, person):
    schedule_row()
    client.force_login(person("researcher"))

    assert 'id="dispatch-title"' not in client.get("/").content.decode()


def test_runs_at_work_failures_and_pauses_are_told_with_links(client, person):
    failing = schedule_row("failing", failing=True)
    run_row(failing, "failed", 0, reason="An older one.")
    failed = run_row(failing, "failed", 1, finished_at=NOON, reason="The disk is full.")
    run_row(failing, "skipped", 2)
    well = schedule_row("well")
    run_row(well, "failed", 0)
    running = run_row(well, "running", 1)
    asleep = run_row(schedule_row("asleep"), "up_for_retry", 3, reason="Disk asleep.")
    for slug, switches in {"paused": [True, False], "resumed": [False, True]}.items():
        schedule = schedule_row(slug)
        for minute, on in enumerate(switches):
            at = NOON + timedelta(minutes=minute)
            Switch.objects.create(
                job=schedule.job, on=on, at=at, reason="New rack", who="1"
            )
    schedule_row("gone", live=None, failing=True)
    client.force_login(person("researcher"))

    page = client.get("/")

    told = page.context["attention"]
    assert (told.open, told.failed) == ([asleep, running], [failed])
    assert [schedule.slug for schedule in told.paused] == ["paused"]
    shown = page.content.decode()
    for row in (running, failed):
        assert f'<a href="{row.get_absolute_url()}">' in shown
    assert '<a href="/dispatch/paused/">Paused</a>' in shown
    assert "The disk is full." in shown
    assert "</time>: Disk asleep.</small>" in shown
    assert "New rack" in shown


def test_who_has_no_role_is_told_nothing_of_dispatch(client, django_user_model):
    run_row(schedule_row(), "running")
    client.force_login(django_user_model.objects.create_user("newt"))

    assert "attention" not in client.get("/").context


def check_row(slug: str, state: str, **values: object) -> Check:
    looked_at = values.pop("looked_at", timezone.now())
    return Check.objects.create(
        slug=slug, kind="host", name=slug, state=state, looked_at=looked_at, **values
    )


def alert_row(cause: str, severity: str, **values: object) -> Alert:
    return Alert.objects.create(
        cause=cause,
        severity=severity,
        title=f"{cause} is down",
        begun_at=NOON,
        **values,
    )


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_who_may_see_the_monitor_reads_in_one_line_that_all_is_well(
    client, person, role
):
    for slug in ("archive", "login"):
        check_row(slug, "up")
    client.force_login(person(role))

    page = client.get("/")

    told = page.context["watched"]
    assert told == ("All 2 checks are up", "up", [], [], 0)
    shown = page.content.decode()
    assert '<span class="badge up">All 2 checks are up</span>' in shown
    assert shown.count('class="attention"') == 0


def test_live_alerts_are_told_the_worst_first_and_what_has_none_yet(client, person):
    archive = check_row("archive", "down")
    ill = check_row("login", "down", summary="It refuses.")
    check_row("well", "up")
    warning = alert_row("figure", "warning")
    root = alert_row("archive", "critical", subject=archive)
    alert_row("database", "critical", because=root)
    alert_row("over", "critical", live=None, state="closed")
    client.force_login(person("operator"))

    page = client.get("/")

    told = page.context["watched"]
    assert (told.verdict, told.mark) == ("2 down; 1 up", "down")
    assert told.alerts == [root, warning]
    assert [look.check for look in told.ill] == [ill]
    shown = page.content.decode()
    for row in (root, warning, ill):
        assert f'<a href="{row.get_absolute_url()}">' in shown
    assert '<span class="badge critical">Critical</span>' in shown
    assert "</time>: It refuses.</small>" in shown


def test_of_many_alerts_the_first_page_tells_some_and_counts_the_rest(client, person):
    for number in range(7):
        alert_row(f"host {number}", "warning")
    client.force_login(person("operator"))

    page = client.get("/")

    assert (len(page.context["watched"].alerts), page.context["watched"].more) == (5, 2)
    assert '<a href="/monitor/alerts/">and 2 more</a>' in page.content.decode()


def test_a_researcher_reads_nothing_of_the_monitor(client, person):
    check_row("archive", "down")
    alert_row("archive", "critical")
    client.force_login(person("researcher"))

    page = client.get("/")

    assert "watched" not in page.context
    assert "/monitor/" not in page.content.decode()


def test_the_first_page_counts_what_waits_for_ones_verdict(client, person, champion):
    client.force_login(person("researcher"))
    batch = Batch.objects.create(title="batch", version=champion, state="success")
    for row in (1, 2):
        Candidate.objects.create(
            batch=batch,
            row=row,
            probability=0.5,
            predicted=True,
            margin=0.4,
            shortlisted="high",
            hash=str(row),
        )

    page = client.get("/")

    assert page.context["queue"] == (2, False)
    assert 'href="/showroom/vet/"' in page.content.decode()
    Candidate.objects.all().delete()
    assert 'aria-label="Candidates to judge"' not in client.get("/").content.decode()
