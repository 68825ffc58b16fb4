"""A schedule is removed, with an undo, and nothing of what it did goes."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from dispatch.models import Run, Schedule, Slot
from dispatch.schedules.remove import NotThere, remove, restore
from dispatch.schedules.save import SlugTaken, create
from dispatch.tests.pages import said, text, unwritable
from dispatch.tests.test_save import VALUES
from dispatch.views import removal
from monitor.crontab import lines
from monitor.models import Job, Outbox
from monitor.switching import switch

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(admin):
    return create(VALUES, by=admin)


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


def test_a_removed_schedule_has_no_line_and_waits_for_nothing(made, admin, storage):
    waits = made.slots.create(at=now() - timedelta(minutes=1))
    remove(made, by=admin)

    waits.refresh_from_db()
    assert (waits.outcome, waits.evidence) == (
        Slot.Outcome.SUPERSEDED,
        "The schedule was removed.",
    )
    assert not Job.objects.filter(slug=made.job).exists()
    assert "nightly" not in (storage / "crontab").read_text()
    event = Outbox.objects.get(kind="schedule.removed")
    assert (event.about, event.who) == ("schedule nightly", str(admin.pk))


def test_a_schedule_is_removed_once(made, admin):
    remove(made, by=admin)
    with pytest.raises(NotThere, match="removed this schedule already"):
        remove(made, by=admin)
    assert Outbox.objects.filter(kind="schedule.removed").count() == 1


def test_brought_back_it_runs_from_then_on(made, admin):
    remove(made, by=admin)
    Schedule.objects.update(ledger_until=now() - timedelta(days=3))
    before = now()
    restore(made, by=admin)

    made.refresh_from_db()
    assert made.live
    assert made.ledger_until >= before
    assert lines.found()[made.job].state == "on"
    event = Outbox.objects.get(kind="schedule.restored")
    assert (event.about, event.who) == ("schedule nightly", str(admin.pk))
    with pytest.raises(NotThere, match="brought this schedule back already"):
        restore(made, by=admin)


def test_what_was_paused_comes_back_paused(made, admin):
    switch.pause(Job.objects.get(slug=made.job), by=admin, reason="Beam down")
    remove(made, by=admin)
    restore(made, by=admin)

    found = lines.found()[made.job]
    assert (found.state, found.remark.reason) == ("off", "Beam down")


def test_it_is_not_brought_back_beside_one_of_the_same_address(made, admin):
    remove(made, by=admin)
    create(VALUES | {"name": "Other"}, by=admin)
    with pytest.raises(SlugTaken, match="nightly now: remove that one first"):
        restore(made, by=admin)


def test_the_page_says_what_ends_and_what_stays(browser, made):
    run = Run.objects.create(schedule=made)
    page = text(browser.get("/dispatch/nightly/remove/"))

    assert "Remove Nightly?" in page
    assert f"Run {run.pk}</a>, which has not ended, goes on to its end." in page
    assert "Its runs (1) with their batches" in page


def test_removal_offers_an_undo(browser, made):
    answer = browser.post("/dispatch/nightly/remove/", follow=True)

    assert answer.redirect_chain == [(f"/dispatch/?removed={made.pk}", 302)]
    assert "Nightly was removed." in text(answer)
    assert "Undo" in text(answer)
    assert browser.get("/dispatch/nightly/").status_code == 404
    assert browser.get("/dispatch/nightly/remove/").status_code == 404

    address = f"/dispatch/removed/{made.pk}/restore/"
    assert browser.post(address).url == "/dispatch/nightly/"
    assert browser.get("/dispatch/nightly/").status_code == 200
    assert browser.post(address).status_code == 404


def test_who_removes_it_second_is_told(browser, made, admin, monkeypatch):
    def second(schedule, *, by):
        remove(schedule, by=by)
        remove(schedule, by=by)

    monkeypatch.setattr(removal, "remove", second)
    answer = browser.post("/dispatch/nightly/remove/")

    assert answer.url == "/dispatch/"
    assert said(answer) == ["Somebody has removed this schedule already."]


def test_an_address_that_is_taken_again_is_said(browser, made, admin):
    remove(made, by=admin)
    create(VALUES, by=admin)
    answer = browser.post(f"/dispatch/removed/{made.pk}/restore/")

    assert answer.url == "/dispatch/"
    assert said(answer)[0].startswith("There is another schedule nightly now")


def test_a_line_that_could_not_be_taken_out_is_said(browser, made, storage):
    unwritable(storage)
    answer = browser.post("/dispatch/nightly/remove/")

    assert said(answer)[0].startswith("It is removed, but its line is still in")
    assert not Schedule.objects.live().exists()

    lines.sync()
    unwritable(storage)
    answer = browser.post(f"/dispatch/removed/{made.pk}/restore/")
    assert said(answer)[-1].startswith("It is back, but not in the crontab:")
