"""A batch is deleted by whom it belongs to, and can be brought back for a while."""

from datetime import timedelta

import pytest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.timezone import now

from monitor.models import Outbox
from monitor.work import State
from registry.models import AliasMove
from showroom.cancel import resume
from showroom.errors import ShowroomError
from showroom.models import Batch, BatchFile, Candidate, Chunk, Download
from showroom.receive import store
from showroom.start import start
from showroom.storage import disk
from showroom.storage.delete import delete, remove_now, restore
from showroom.storage.prune import prune
from showroom.storage.remove import REMOVAL
from showroom.tests.conftest import as_csv, simulate, stored, upload

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
    page = ana.get(reverse("showroom:storage")).content.decode()
    assert "<small>no longer</small>" in page
    assert address("restore", done) not in page
    assert address("remove", done) in page


def test_without_undo_none_is_offered(ana, batch, reconfigured):
    reconfigured("retention", undo_hours=0)
    done = batch(5)
    question = ana.get(address("delete", done)).content.decode()
    page = ana.post(address("delete", done), follow=True).content.decode()

    assert (
        "It cannot be brought back; its files are removed within the hour" in question
    )
    assert "A deleted batch is removed within the hour." in page
    assert address("restore", done) not in page
    assert address("remove", done) in page


def test_what_is_being_removed_for_good_cannot_be_brought_back(batch, researcher):
    done = batch(5)
    delete(done, by=researcher)
    done.refresh_from_db()
    Batch.objects.update(holder=REMOVAL)

    with pytest.raises(ShowroomError, match="cannot be brought back any more"):
        restore(done, by=researcher)


def test_it_can_be_undone_although_who_deleted_it_was_erased(ana, batch, person):
    done, admin = batch(5), person("admin", "root")
    delete(done, by=admin)
    admin.delete()
    prune()
    page = ana.get(reverse("showroom:storage")).content.decode()

    assert address("restore", done) in page
    assert " by None" not in page
    assert ana.post(address("restore", done)).url == done.get_absolute_url()


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


def in_bin(batch, by):
    delete(batch, by=by)
    batch.refresh_from_db()
    return batch


def test_what_is_removed_now_makes_room_at_once_and_for_good(
    ana, batch, researcher, storage
):
    done = in_bin(batch(5), by=researcher)
    taken = disk.size(done.folder) + done.bytes_total
    question = ana.get(address("remove", done)).content.decode()
    answer = ana.post(address("remove", done), follow=True)

    assert "Remove sky.csv now?" in question
    assert "This cannot be undone" in question
    page = answer.content.decode()
    assert f"was removed: {filesizeformat(taken)} are free again." in page
    for kind in (Batch, BatchFile, Chunk, Candidate):
        assert not kind.objects.exists()
    assert not [*disk.within(storage / "scores"), *disk.within(storage / "uploads")]
    assert ana.post(address("restore", done)).status_code == 404
    event = Outbox.objects.get(kind="batch.pruned")
    assert (event.about, event.who) == (str(done), str(researcher.pk))


def test_bytes_that_another_batch_has_too_stay(batch, researcher):
    done, other = in_bin(batch(5), by=researcher), batch(5)
    freed = disk.size(done.folder)

    assert remove_now(done, by=researcher) == freed
    assert other.files.get().path.exists()


def test_bytes_that_are_brought_in_this_moment_are_kept_anew(batch, researcher):
    done = in_bin(batch(5), by=researcher)
    brought = upload("again.csv", as_csv(simulate(5)))
    files = [store(brought)]
    path = done.files.get().path
    remove_now(done, by=researcher)
    assert not path.exists()

    again = start(files, owner=researcher)
    assert again.state == State.SUCCESS
    assert path.read_bytes() == as_csv(simulate(5))


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 302), ("operator", 404), ("researcher", 404)]
)
def test_of_others_only_an_admin_removes_a_batch_now(
    client, batch, researcher, person, who, status
):
    done = in_bin(batch(5), by=researcher)
    client.force_login(person(who))

    assert client.post(address("remove", done)).status_code == status
    assert Batch.objects.exists() == (status == 404)


def test_only_what_was_deleted_is_removed_now(ana, batch):
    assert ana.post(address("remove", batch(5))).status_code == 404
    assert Batch.objects.exists()


def test_what_became_evidence_meanwhile_is_not_removed_now(
    ana, batch, champion, researcher
):
    AliasMove.objects.update(at=now() - timedelta(days=1))
    done = in_bin(batch(5), by=researcher)
    AliasMove.objects.update(at=now())
    answer = ana.post(address("remove", done))

    assert answer.status_code == 409
    assert "These scores are what" in answer.content.decode()
    assert done.folder.exists()


def test_a_download_that_is_being_prepared_is_stopped_first(ana, batch, researcher):
    done = in_bin(batch(5), by=researcher)
    one = Download.objects.create(batch=done, format="csv", state=State.RUNNING)
    answer = ana.post(address("remove", done))

    assert answer.status_code == 409
    assert "It is in use at this moment" in answer.content.decode()
    one.refresh_from_db()
    assert one.cancel_requested
    Download.objects.update(state=State.QUEUED, cancel_requested=False)
    assert ana.post(address("remove", done)).status_code == 302
    assert not Batch.objects.exists()


def test_what_was_brought_back_in_this_moment_is_not_removed(batch, researcher):
    stale = in_bin(batch(5), by=researcher)
    restore(stale, by=researcher)

    with pytest.raises(ShowroomError, match="somebody has brought it back"):
        remove_now(stale, by=researcher)
    assert stale.files.get().path.exists()


@pytest.mark.parametrize("action", ["delete", "restore", "remove"])
def test_a_stranger_is_sent_to_the_log_in(client, batch, action):
    answer = client.post(address(action, batch(5)))

    assert answer.url.startswith(reverse("accounts:login"))


def test_nothing_is_brought_back_by_following_a_link(ana, batch):
    assert ana.get(address("restore", batch(5))).status_code == 405
