"""One schedule: what it does, its line, its slots and its runs."""

import pytest

from dispatch.models import Run
from dispatch.schedules.announce import announce
from dispatch.tests.pages import said, text, unwritable
from monitor.crontab import lines
from monitor.models import Job, Switch
from monitor.switching import switch
from monitor.tests.hosts_cron import HostsCron
from monitor.work import State

pytestmark = pytest.mark.django_db

ADDRESS = "/dispatch/nightly/"


@pytest.fixture
def made(schedule):
    announce(schedule)
    lines.sync()
    return schedule


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


def test_it_says_what_it_does(browser, made, folder, champion):
    answer = browser.get(ADDRESS)
    page = text(answer)

    assert f"*.csv in {folder}" in page
    assert f'scores it by pulsar@champion, now <a href="/registry/{champion}/">' in page
    assert "and writes scores only" in page
    assert "<code>0 2 * * *</code>" in page
    assert "2, after 1 min 00 s, 2 min 00 s" in page
    assert "Forbid: the slot is skipped" in page
    assert len(answer.context["slots"]) == 5
    assert "It has not run yet." in page


@pytest.mark.parametrize(
    ("clock", "heads", "told"),
    [
        ("UTC", 3, "Days and hours are those of UTC. </p>"),
        ("Etc/UTC", 3, "are those of UTC"),
        ("Asia/Tokyo", 4, "are those of UTC, your zone; the clock itself goes by Asia"),
    ],
)
def test_a_clock_of_another_zone_stands_beside_the_viewers(
    browser, made, reconfigured, clock, heads, told
):
    reconfigured("scheduler", zone=clock)
    page = text(browser.get(ADDRESS))

    table = page[page.index("Next slots</caption>") :].partition("</thead>")[0]
    assert table.count("<th ") == heads
    assert f">Clock, {clock}</th>" in table
    assert (">Yours, UTC</th>" in table) == (heads == 4)
    assert "each cell is an hour in UTC" in page
    assert told in text(browser.get(f"{ADDRESS}slots/"))


def test_its_line_stands_there_as_it_is(browser, made, storage):
    page = text(browser.get(ADDRESS))
    line = (storage / "crontab").read_text().strip()

    assert f"<code>{line}</code>" in page
    assert "It should be" not in page
    assert "Put it right" not in page


def test_a_line_edited_by_hand_stands_beside_what_it_should_be(browser, made, storage):
    table = storage / "crontab"
    right = table.read_text()
    table.write_text(right.replace("0 2 *", "0 4 *"))
    page = text(browser.get(ADDRESS))
    assert page.index("<code>0 4 *") < page.index("It should be</p>")
    assert 'as planned; <a href="#line">its line in the crontab</a> is another' in page
    assert f"<code>{right.strip()}</code>" in page

    answer = browser.post(f"{ADDRESS}mend/")
    assert (answer.url, table.read_text()) == (ADDRESS, right)
    assert said(answer) == ["The line in the crontab is as it should be."]


def test_a_line_that_is_gone_is_put_back(browser, made, storage):
    (storage / "crontab").write_text("")
    page = text(browser.get(ADDRESS))
    assert "There is none, so nothing starts it." in page
    assert "Put it right" in page

    unwritable(storage)
    answer = browser.post(f"{ADDRESS}mend/")
    assert said(answer)[0].startswith("The crontab is as it was: ")
    browser.post(f"{ADDRESS}mend/")
    assert lines.found()[made.job].state == "on"


def test_a_line_that_went_while_it_was_paused_comes_back_as_the_page_says(
    browser, made, admin, storage
):
    job = Job.objects.get(slug=made.job)
    switch.pause(job, by=admin, reason="Beam down")
    paused = (storage / "crontab").read_text().strip()
    (storage / "crontab").write_text("")
    page = text(browser.get(ADDRESS))

    assert f'<p>It should be</p> <pre class="command"><code>{paused}</code>' in page
    browser.post(f"{ADDRESS}mend/")
    assert (storage / "crontab").read_text().strip() == paused


def test_where_the_host_does_not_hold_our_lines_nothing_is_offered(
    browser, made, tmp_path, settings, monkeypatch
):
    HostsCron(tmp_path).serve(settings, monkeypatch)
    page = text(browser.get(ADDRESS))

    assert "cron_install</code>" in page
    assert "There is none, so nothing starts it." in page
    for button in ("Put it right", ">Pause<", ">Resume<"):
        assert button not in page


def test_what_would_stop_a_run_is_said(browser, made, folder):
    away = folder / "tonight"
    source = made.source | {"folder": str(away)}
    type(made).objects.update(source=source, reference="pulsar@gone")
    page = text(browser.get(ADDRESS))

    assert f"a run would stop: The folder {away} is not there." in page
    assert "a run would stop: There is no version pulsar@gone." in page


def test_settings_that_nothing_understands_are_said(browser, made):
    type(made).objects.update(source={"kind": "pigeon"})

    assert "There is no source &#x27;pigeon&#x27;" in text(browser.get(ADDRESS))


def test_its_last_runs_stand_there(browser, made):
    runs = [
        Run.objects.create(schedule=made, open=None, state=State.SUCCESS)
        for _ in range(12)
    ]
    answer = browser.get(ADDRESS)

    assert list(answer.context["runs"]) == runs[:1:-1]
    assert f'href="/dispatch/runs/?schedule={made.pk}"' in text(answer)


def test_who_switched_it_when_is_told_of_this_schedule_alone(browser, made, admin):
    old = made.created_at.replace(year=2020)
    Switch.objects.create(job=made.job, on=False, who="hand edit", at=old)
    job = Job.objects.get(slug=made.job)
    switch.pause(job, by=admin, reason="Beam down")
    switch.resume(job, by=admin)
    answer = browser.get(ADDRESS)

    told = [(one.on, one.who, one.reason) for one in answer.context["switches"]]
    assert told == [(True, str(admin.pk), ""), (False, str(admin.pk), "Beam down")]
    assert "by admin: Beam down" in text(answer)
    assert "hand edit" not in text(answer)


def test_there_is_no_page_of_what_there_is_not(browser):
    assert browser.get("/dispatch/nothing/").status_code == 404
