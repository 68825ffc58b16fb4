"""/monitor/jobs/…: the list, each job with its switch, and two people at once."""

import os
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from monitor.crontab import lines
from monitor.models import Flip, Outbox, Ping, Skip, Start
from monitor.processes import detached
from monitor.starts import process
from monitor.switching import switch
from monitor.tests.hosts_cron import HostsCron
from monitor.tests.pages import check, job, said, text

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
URL = "/monitor/jobs/nightly/"


@pytest.fixture(autouse=True)
def zone(settings):
    scheduler = settings.PULSAR.scheduler.model_copy(update={"zone": "UTC"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})


@pytest.fixture
def nightly(storage):
    return job("nightly")


@pytest.fixture
def otto(person):
    return person("operator", "otto")


@pytest.fixture
def ben(person):
    return person("operator", "ben")


@pytest.fixture
def browser(client, otto):
    client.force_login(otto)
    return client


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The commands that are started instead of ours, which would see no test."""
    commands = []
    monkeypatch.setattr(
        detached, "start", lambda argv, environ=None: commands.append(list(argv))
    )
    return commands


def ago(**length: float):
    return timezone.now() - timedelta(**length)


def listed(answer) -> list[str]:
    return [line.job.slug for line in answer.context["lines"]]


def test_the_list_has_the_worst_first_and_the_crontabs_own_word(browser, otto):
    for slug in ("alpha", "beta", "gamma"):
        job(slug)
    check("job-alpha")
    check("job-beta", "down", summary="its last start failed")
    check("job-gamma", "paused")
    switch.pause(job("gamma"), by=otto, reason="Receiver off")
    answer = browser.get("/monitor/jobs/")

    assert listed(answer) == ["beta", "alpha", "gamma"]
    assert "3 jobs; what is worst stands first." in text(answer)
    assert "by otto <time" in text(answer)
    assert ": Receiver off</small>" in text(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "down"}, ["beta"]),
        ({"state": "new"}, ["gamma"]),
        ({"name": "A"}, ["beta", "alpha", "gamma"]),
        ({"name": "ET"}, ["beta"]),
        ({"name": "et", "state": "up"}, []),
    ],
)
def test_the_filter_leaves_what_fits(browser, query, found):
    for slug in ("alpha", "beta", "gamma"):
        job(slug)
    check("job-alpha")
    check("job-beta", "down")
    answer = browser.get("/monitor/jobs/", query)

    assert listed(answer) == found
    assert ("No job fits." in text(answer)) == (not found)
    part = browser.get("/monitor/jobs/", query, headers={"HX-Request": "true"})
    assert text(part).startswith('<section id="jobs"')
    assert listed(part) == found


def test_a_state_that_there_is_not_is_told_at_its_field(browser, nightly):
    answer = browser.get("/monitor/jobs/", {"state": "fine"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["state"]


@time_machine.travel(AT, tick=False)
def test_the_next_slot_is_the_judges_while_that_holds(browser, nightly, person):
    slot = {"cron": nightly.cron, "next_slot": "2026-11-21T12:30:00+00:00"}
    found = check("job-nightly", detail=slot)
    (line,) = browser.get("/monitor/jobs/").context["lines"]
    assert line.next == datetime(2026, 11, 21, 12, 30, tzinfo=UTC)

    planned = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    for outdated in ({"next_slot": "2026-11-21T10:29:00+00:00"}, {"cron": "1 1 * * *"}):
        type(found).objects.update(detail=slot | outdated)
        (line,) = browser.get("/monitor/jobs/").context["lines"]
        assert line.next == planned
    switch.skip_next(nightly, by=person("operator"), reason="")
    (line,) = browser.get("/monitor/jobs/").context["lines"]
    assert line.is_left_out
    assert "left out</span>" in text(browser.get("/monitor/jobs/"))


def test_the_list_of_many_jobs_takes_few_queries(
    browser, django_assert_max_num_queries
):
    for n in range(30):
        job(f"job{n}")
        Start.objects.create(job=f"job{n}", host="hera", pid=1)
    with django_assert_max_num_queries(22):
        browser.get("/monitor/jobs/")


def test_the_page_tells_what_is_expected_and_how_it_went(browser, nightly, otto):
    at, detail = timezone.now(), {"usual": [12.0, 48.0], "too_frequent": True}
    detail |= {
        "start_by": "2026-11-22T02:35:00+00:00",
        "missed": ["2026-11-20T02:30:00+00:00"],
        "n_missed": 2,
    }
    broken = check(
        "job-nightly", "down", summary="its last start failed", detail=detail
    )
    Flip.objects.create(subject=broken, at=ago(hours=1), was="up", state="down")
    Ping.objects.create(slug="nightly", failed_at=at, failing=True, detail="Disk full")
    given = {"job": "nightly", "host": "hera", "process_at": 1.0}
    Start.objects.create(
        **given, pid=1, at=ago(hours=3), ended_at=at, outcome="succeeded", exit=0,
        duration=31.0, by=str(otto.pk),
    )  # fmt: skip
    Start.objects.create(
        **given, pid=2, at=ago(hours=2), ended_at=at, outcome="failed", exit=1,
        duration=2.0, detail="OSError: Disk full", page="/showroom/",
    )  # fmt: skip
    page = text(browser.get(URL))

    assert "<dt>Must have started by</dt><dd>5 min 00 s after its time: <time" in page
    assert "<dt>Must finish within</dt><dd>1 h 00 min of its start</dd>" in page
    assert "<dt>Usually takes</dt><dd>12 s to 48 s</dd>" in page
    assert "<dt>Not started at</dt><dd><time" in page
    assert "… (2 in all)" in page
    assert "It starts more often than its line says" in page
    assert "</time>: Disk full</dd>" in page
    starts = page.partition('id="starts-title"')[2].partition("</table>")[0]
    assert starts.index("failed</span>") < starts.index("succeeded</span>")
    assert "OSError: Disk full" in starts
    assert (
        '<td class="wait">otto</td> <td class="wait">hera <small>1</small></td>'
        in starts
    )
    assert '<td class="wait">the clock</td>' in starts
    assert "<b>Last day</b>" in page


def test_what_is_at_work_shows_its_process(browser, nightly):
    check("job-nightly", "started")
    mine = {"host": process.here(), "pid": os.getpid(), "process_at": process.born()}
    Start.objects.create(job="nightly", at=ago(minutes=2), **mine)
    page = text(browser.get(URL))

    card = page.partition('id="running-title"')[2].partition("</section>")[0]
    assert f"<dd>{process.here()}</dd>" in card
    assert f"<dd>{os.getpid()}</dd>" in card
    for name in ("Processor", "Memory", "Age"):
        assert f"<dt>{name}</dt>" in card


def test_elsewhere_it_is_believed_and_what_vanished_here_is_not(browser, nightly):
    given = {"job": "nightly", "pid": 2**22 + 1, "process_at": 1.0}
    Start.objects.create(**given, host=process.here())
    assert "running-title" not in text(browser.get(URL))
    Start.objects.create(**given, host="far")
    page = text(browser.get(URL))
    assert "On far, process 4194305; what it takes can only be seen there." in page


def test_htmx_gets_the_part_without_forms(browser, nightly):
    page = text(browser.get(URL, headers={"HX-Request": "true"}))

    assert page.startswith('<div id="job"')
    # What somebody fills in is not exchanged under his hands.
    assert "<form" not in page


def test_a_sweep_has_no_line_and_no_switch(browser):
    job("sweep_things", "* * * * *", sweep=True)
    page = text(browser.get("/monitor/jobs/sweep_things/"))

    assert "It is part of the tick" in page
    for word in ("Pause it", "Run it now", "Next slots", "Its line in the crontab"):
        assert word not in page
    for act in ("pause", "resume", "skip"):
        answer = browser.post(f"/monitor/jobs/sweep_things/{act}/", {"reason": "Why?"})
        assert "part of the tick" in said(answer)[-1], act
    assert not Skip.objects.exists()


@time_machine.travel(AT, tick=False)
def test_it_is_paused_with_a_reason_and_resumed_with_one(browser, nightly, otto):
    pause = {"reason": "Beam down", "until": "2026-11-22T08:00"}
    assert browser.post(f"{URL}pause/", pause).url == URL
    page = text(browser.get(URL))
    assert "Paused</span> <small>by otto" in page
    assert ">Resume</button>" in page
    assert ">Pause</button>" not in page

    with time_machine.travel(AT + timedelta(minutes=1), tick=False):
        browser.post(f"{URL}resume/", {"reason": " Beam is back "})
    assert lines.found()["nightly"].state == "on"
    rows = [
        (row.on, row.who, row.reason, row.until)
        for row in (switch.last("nightly", AT), switch.last("nightly"))
    ]
    until = datetime(2026, 11, 22, 8, tzinfo=UTC)
    who = str(otto.pk)
    assert rows == [(False, who, "Beam down", until), (True, who, "Beam is back", None)]


def test_a_pause_that_says_no_reason_is_refused_on_the_page(browser, nightly):
    answer = browser.post(f"{URL}pause/", {"reason": ""})

    assert answer.status_code == 422
    assert "This field is required." in text(answer)
    assert lines.found()["nightly"].state == "on"


def test_of_two_operators_the_second_is_told_who_was_first(
    browser, nightly, ben, client
):
    switch.pause(nightly, by=ben, reason="Mine")
    answer = browser.post(f"{URL}pause/", {"reason": "No, mine"})
    assert said(answer) == ["It is paused already, by ben: Mine"]

    switch.resume(nightly, by=ben)
    answer = browser.post(f"{URL}resume/")
    assert said(answer)[-1] == "It is switched on already, by ben."

    first = switch.skip_next(nightly, by=ben, reason="Holiday")
    answer = browser.post(f"{URL}skip/", {"reason": "Mine"})
    assert said(answer)[-1] == "ben had that slot left out (Holiday) already."
    assert [skip.reason for skip in Skip.objects.all()] == ["Holiday"]

    switch.unskip(first, by=ben)
    answer = browser.post(f"{URL}unskip/", {"skip": first.pk})
    assert said(answer)[-1] == "That slot is not left out any more."


@time_machine.travel(AT, tick=False)
def test_the_next_slot_is_left_out_with_a_reason_and_taken_back(browser, nightly):
    assert said(browser.post(f"{URL}skip/", {"reason": "Maintenance"})) == []
    page = text(browser.get(URL))
    assert "by otto: Maintenance</small>" in page
    assert "Skip the next slot" not in page
    browser.post(f"{URL}unskip/", {"skip": Skip.objects.get().pk})
    assert not Skip.objects.exists()


def test_run_now_starts_the_command_of_its_line_and_says_why(browser, nightly, started):
    assert browser.post(f"{URL}run/", {"reason": "New files"}).url == URL
    assert started == [["prune"]]
    told = Outbox.objects.get(kind="job.started")
    assert (told.about, told.detail) == ("job nightly", {"reason": "New files"})


def test_run_now_without_a_reason_or_pressed_twice_starts_nothing(
    browser, nightly, started
):
    (words,) = said(browser.post(f"{URL}run/", {"reason": " "}))
    assert words == "Nothing was started: say why, others will wonder."
    assert started == []

    browser.post(f"{URL}run/", {"reason": "New files"})
    words = said(browser.post(f"{URL}run/", {"reason": "New files"}))[-1]
    assert words.startswith("Nothing was started: otto ")
    assert started == [["prune"]]


def test_a_line_edited_by_hand_is_mended_from_here(browser, nightly, storage):
    table = storage / "crontab"
    right = table.read_text()
    table.write_text(right.replace("30 2 *", "30 4 *"))
    page = text(browser.get(URL))
    assert page.index("<code>30 4 *") < page.index("It should be</p>")
    assert "On, edited by hand" in page

    answer = browser.post(f"{URL}mend/")
    assert (answer.url, table.read_text()) == (URL, right)
    assert said(answer) == ["The line in the crontab is as it should be."]


def test_where_the_host_does_not_hold_our_lines_nothing_is_offered(
    browser, nightly, tmp_path, settings, monkeypatch
):
    HostsCron(tmp_path).serve(settings, monkeypatch)
    page = text(browser.get(URL))

    assert "cron_install</code>" in page
    for button in ("Put it right", ">Pause<", ">Resume<"):
        assert button not in page
    assert "cron_install</code>" in text(browser.get("/monitor/jobs/"))


def test_there_is_no_page_of_what_there_is_not(browser):
    assert browser.get("/monitor/jobs/nothing/").status_code == 404
    assert browser.post("/monitor/jobs/nothing/pause/").status_code == 404
