"""A batch is deleted by whom it belongs to, and can be brought back for a while."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from monitor.models import Outbox
from monitor.work import State
from showroom.cancel import resume
from showroom.errors import ShowroomError
from showroom.models import Batch
from showroom.start import start
from showroom.storage.delete import delete, restore
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db


def address(action, batch):
    return reverse(f"showroom:batch-{action}", args=[batch.pk])


def test_the_page_says_what_goes_and_what_stays(ana, batch):
    page = ana.get(address("delete", batch(40))).content.decode()

    assert "Delete sky.csv?" in page
    assert "40 rows and 0 rejects" in page
    assert "can be brought back for 24 hours" in page
    assert "Delete it" in page


def test_a_deleted_batch_is_gone_everywhere_and_offered_back(ana, batch, researcher):
    done = batch(5)
    answer = ana.post(address("delete", done), follow=True)

    done.refresh_from_db()
    assert done.deleted_by == researcher
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/showroom/storage/?deleted={done.pk}", 302)]
    assert f"Batch {done.pk}, sky.csv, was deleted." in page
    assert "Undo" in page
    for gone in (done.get_absolute_url(), address("scores", done)):
        assert ana.get(gone).status_code == 404
    assert "sky.csv" not in ana.get(reverse("showroom:index")).content.decode()
    assert "sky.csv" not in ana.get(reverse("home")).content.decode()
    event = Outbox.objects.get(kind="batch.deleted")
    assert (event.about, event.who) == (str(done), str(researcher.pk))


def test_undo_brings_it_back_as_it_was(ana, batch):
    done = batch(5)
    ana.post(address("delete", done))
    answer = ana.post(address("restore", done))

    assert answer.url == done.get_absolute_url()
    assert ana.get(answer.url).status_code == 200
    done.refresh_from_db()
    assert (done.deleted_at, done.deleted_by) == (None, None)
    assert Outbox.objects.filter(kind="batch.restored", about=str(done)).exists()


def test_after_the_time_for_it_nothing_is_brought_back(ana, batch):
    done = batch(5)
    ana.post(address("delete", done))
    Batch.objects.update(deleted_at=now() - timedelta(hours=24))

    assert ana.post(address("restore", done)).status_code == 404
    assert "sky.csv" not in ana.get(reverse("showroom:storage")).content.decode()


def test_what_is_being_removed_for_good_cannot_be_brought_back(batch, researcher):
    done = batch(5)
    delete(done, by=researcher)
    done.refresh_from_db()
    Batch.objects.update(deleted_by=None)

    with pytest.raises(ShowroomError, match="cannot be brought back any more"):
        restore(done, by=researcher)


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 302), ("operator", 403), ("researcher", 403)]
)
def test_of_others_only_an_admin_deletes_a_batch(client, batch, person, who, status):
    done = batch(5)
    client.force_login(person(who))

    assert client.post(address("delete", done)).status_code == status
    assert Batch.objects.filter(deleted_at=None).exists() == (status == 403)


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 302), ("operator", 404), ("researcher", 404)]
)
def test_of_others_only_an_admin_brings_a_batch_back(
    client, batch, researcher, person, who, status
):
    done = batch(5)
    delete(done, by=researcher)
    client.force_login(person(who))

    assert client.post(address("restore", done)).status_code == status


def test_a_private_batch_of_somebody_else_is_not_there(
    client, champion, researcher, person
):
    files = [stored("secret.csv", as_csv(simulate(5)))]
    private = start(files, owner=researcher, private=True)
    client.force_login(person("operator"))

    assert client.get(address("delete", private)).status_code == 404


def test_a_batch_under_way_must_be_cancelled_first(ana, champion, researcher, mailbox):
    waiting = start([stored("sky.csv", as_csv(simulate(5001)))], owner=researcher)
    answer = ana.post(address("delete", waiting))

    assert answer.status_code == 409
    assert "It is not at its end: cancel it first." in answer.content.decode()
    assert "Delete it" not in answer.content.decode()
    assert not Batch.objects.exclude(deleted_at=None).exists()


def test_a_batch_that_is_resumed_in_this_moment_is_not_deleted(batch, researcher):
    stale = batch(5)
    Batch.objects.update(state=State.RUNNING)

    with pytest.raises(ShowroomError, match="has changed in this moment"):
        delete(stale, by=researcher)


def test_a_deleted_batch_is_not_resumed(batch, researcher):
    done = batch(5)
    Batch.objects.update(state=State.CANCELLED, deleted_at=now())
    resume(done, by=researcher)

    done.refresh_from_db()
    assert done.state == State.CANCELLED


def test_evidence_is_not_deleted_and_says_why(client, champion, person):
    cases = Batch.objects.create(
        source=Batch.Source.CASES, version=champion, day="2026-11-21", title="Cases"
    )
    client.force_login(person("admin"))
    answer = client.post(address("delete", cases))

    assert answer.status_code == 409
    assert "belong to everybody who typed one in" in answer.content.decode()
    assert not Batch.objects.exclude(deleted_at=None).exists()


@pytest.mark.parametrize("action", ["delete", "restore"])
def test_a_stranger_is_sent_to_the_log_in(client, batch, action):
    answer = client.post(address(action, batch(5)))

    assert answer.url.startswith(reverse("accounts:login"))


def test_nothing_is_brought_back_by_following_a_link(ana, batch):
    assert ana.get(address("restore", batch(5))).status_code == 405
