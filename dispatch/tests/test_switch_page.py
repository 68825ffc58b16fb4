"""Operators pause and resume a schedule, skip a slot, and run it now."""

from datetime import UTC, datetime

import pytest
import time_machine

from dispatch.models import Run
from dispatch.schedules.announce import announce
from dispatch.schedules.remove import remove
from dispatch.tests.pages import said, text, unwritable
from monitor.crontab import lines
from monitor.models import Skip
from monitor.switching import switch
from monitor.work import State

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
ADDRESS = "/dispatch/nightly/"


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", zone="UTC")


@pytest.fixture
def made(schedule):
    announce(schedule)
    lines.sync()
    return schedule


@pytest.fixture
def operator(person):
    return person("operator", "otto")


@pytest.fixture
def browser(client, operator):
    client.force_login(operator)
    return client


def test_a_pause_has_a_reason_and_an_end_in_the_viewers_zone(
    browser, made, operator, client
):
    client.post("/accounts/zone/", {"zone": "Europe/Berlin"})
    assert "(in Europe/Berlin;" in text(browser.get(ADDRESS))
    with time_machine.travel(AT, tick=False):
        pause = {"reason": " Beam\n down ", "until": "2026-11-22T08:00"}
        answer = browser.post(f"{ADDRESS}pause/", pause)

    assert answer.url == ADDRESS
    off = switch.last(made.job)
    until = datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert (off.on, off.who, off.reason, off.until) == (
        False,
        str(operator.pk),
        "Beam down",
        until,
    )
    assert lines.found()[made.job].remark.who == "otto"
    page = text(browser.get(ADDRESS))
    assert ">Resume</button>" in page
    assert ">Pause</button>" not in page
    assert "Skip the next slot" not in page


def test_a_pause_that_says_no_reason_or_ends_in_the_past_is_refused(browser, made):
    wrong = {"reason": "", "until": "2020-01-01T00:00"}
    answer = browser.post(f"{ADDRESS}pause/", wrong)

    assert answer.status_code == 422
    assert "This field is required." in text(answer)
    assert "This is past." in text(answer)
    assert lines.found()[made.job].state == "on"


def test_resume_takes_the_line_that_the_schedule_has_now(browser, made, operator):
    browser.post(f"{ADDRESS}pause/", {"reason": "Beam down"})
    browser.post(f"{ADDRESS}resume/")

    assert lines.found()[made.job].state == "on"
    assert switch.last(made.job).who == str(operator.pk)


def test_what_is_so_already_is_said(browser, made):
    assert said(browser.post(f"{ADDRESS}resume/")) == ["It is switched on already."]


def test_a_crontab_that_cannot_be_written_is_said(browser, made, storage):
    unwritable(storage)
    (words,) = said(browser.post(f"{ADDRESS}pause/", {"reason": "Beam down"}))

    assert "cannot be written" in words
    assert switch.last(made.job) is None


@time_machine.travel(AT, tick=False)
def test_the_next_slot_is_skipped_and_taken_back(browser, made, operator):
    answer = browser.post(f"{ADDRESS}skip/", {"reason": "Beam down"})

    skip = Skip.objects.get()
    assert answer.url == ADDRESS
    assert (skip.job, skip.slot, skip.who, skip.reason) == (
        "dispatch-nightly",
        datetime(2026, 11, 22, 2, tzinfo=UTC),
        str(operator.pk),
        "Beam down",
    )
    page = text(browser.get(ADDRESS))
    assert "Left out" in page
    assert "Skip the next slot" not in page
    slot = ">Sun 2026-11-22 02:00</time>"
    assert f'{slot} <span class="badge skipped">left out</span>' in page
    browser.post(f"{ADDRESS}unskip/", {"skip": skip.pk})
    assert not Skip.objects.exists()


def test_a_skip_that_is_gone_or_of_another_job_is_not_taken_back(browser, made):
    other = Skip.objects.create(job="other", slot=AT, who="")

    for number in (str(other.pk), "x", "", "9" * 40):
        address = f"{ADDRESS}unskip/"
        answer = browser.post(address, {"skip": number})
        assert answer.url == ADDRESS
        assert said(answer)[-1] == "That slot is not left out any more."
    assert Skip.objects.exists()


def test_run_now_leads_to_the_run(browser, made, operator, mailbox):
    answer = browser.post(f"{ADDRESS}run-now/")

    run = Run.objects.get()
    assert answer.url == run.get_absolute_url()
    assert (run.trigger, run.by, run.slot, run.state) == (
        Run.Trigger.HAND,
        operator,
        None,
        State.QUEUED,
    )
    assert mailbox() == [(run.pk, "heavy")]


@pytest.mark.parametrize(
    "act", ["pause", "resume", "skip", "unskip", "run-now", "mend", "remove"]
)
def test_what_was_removed_meanwhile_is_said_to_be(client, admin, made, act):
    client.force_login(admin)
    remove(made, by=admin)
    answer = client.post(f"{ADDRESS}{act}/", follow=True)

    assert answer.redirect_chain == [(f"/dispatch/?removed={made.pk}", 302)]
    told = "Nothing was done: somebody has removed Nightly meanwhile."
    assert told in text(answer)
    assert not Run.objects.exists()
    assert client.post(f"/dispatch/never/{act}/").status_code == 404


def test_beside_an_open_run_nothing_is_started_and_it_is_said(browser, made):
    first = Run.objects.create(schedule=made)
    answer = browser.post(f"{ADDRESS}run-now/")

    assert answer.url == ADDRESS
    assert said(answer)[0].startswith(f"Nothing was started: Run {first.pk} was open")
