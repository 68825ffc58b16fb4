"""An upload for which there is no room is refused before anything is kept."""

import re

import pytest
from django.urls import reverse

from monitor import room
from showroom.models import Batch
from showroom.storage.delete import delete, remove_now
from showroom.tests.conftest import as_csv, simulate, upload

pytestmark = pytest.mark.django_db

ADDRESS = "/showroom/"


def send(client, rows=5):
    return client.post(ADDRESS, {"files": [upload("a.csv", as_csv(simulate(rows)))]})


def refused(answer, storage):
    assert answer.status_code == 503
    assert not Batch.objects.exists()
    assert not list((storage / "uploads").glob("*"))
    return answer.context["form"].non_field_errors()[0]


@pytest.fixture
def full(reconfigured):
    """A disk of which more must stay than it has."""
    reconfigured("storage", reserve_bytes=2**62)


def test_the_reserve_of_the_disk_is_kept_from_uploads(ana, champion, full, storage):
    words = refused(send(ana), storage)

    assert words.startswith("The disk is full: ")
    assert words.endswith(
        "\xa0PB must stay free. Uploads are refused until there is room. "
        "Nothing of this upload was kept."
    )
    assert "The disk is full: " in ana.get(ADDRESS).content.decode()


class Unread:
    """A body that nobody may read."""

    def read(self, *_):
        raise AssertionError

    readline = read


def test_a_large_upload_into_the_reserve_is_refused_unread(ana, reconfigured):
    size = 2 * 1024**2
    reconfigured("storage", reserve_bytes=room.free() - size // 2)
    answer = ana.generic(
        "POST", ADDRESS, **{"CONTENT_LENGTH": str(size), "wsgi.input": Unread()}
    )

    page = answer.content.decode()
    assert answer.status_code == 507
    assert "There is no room for this upload" in page
    assert re.search("The disk is full: .*B lacking, as .*B must stay free", page)
    assert f'href="{reverse("showroom:storage")}"' in page


def test_on_a_full_disk_one_can_still_log_in(client, person, full):
    person("researcher", "ana")
    form = {"username": "ana", "password": "a long pass phrase"}
    answer = client.post(reverse("accounts:login"), form)

    assert answer.url == "/"


def test_beyond_the_quota_of_uploads_the_figures_are_named(
    ana, champion, keep, storage
):
    size = len(as_csv(simulate(5)))
    keep(uploads={"bytes": size - 1})

    assert refused(send(ana), storage) == (
        f"The site keeps at most {size - 1}\xa0bytes of uploads and has 0\xa0bytes; "
        f"this has {size}\xa0bytes. Delete batches that nobody needs and remove them "
        "on the Storage page, or ask an admin. Nothing of this upload was kept."
    )
    keep(uploads={"bytes": size})
    assert send(ana).status_code == 302


def test_beyond_the_quota_of_scores_the_figures_are_named(ana, batch, keep):
    done = batch(5)
    taken = done.folder.glob("*").__next__().stat().st_size
    keep(scores={"bytes": taken})
    answer = send(ana)

    assert answer.status_code == 503
    assert "of scores and has" in answer.content.decode()
    assert Batch.objects.count() == 1
    keep(scores={"bytes": taken + 1})
    assert send(ana).status_code == 302


def test_a_deleted_batch_counts_until_it_is_removed(ana, batch, keep, researcher):
    done = batch(5)
    keep(uploads={"bytes": done.bytes_total + 1})
    delete(done, by=researcher)
    assert send(ana, rows=1).status_code == 503

    done.refresh_from_db()
    remove_now(done, by=researcher)
    assert send(ana, rows=1).status_code == 302


def test_the_page_says_beforehand_that_there_is_no_room(ana, batch, keep):
    batch(5)
    keep(uploads={"bytes": 10})

    assert "The site keeps at most 10\xa0bytes" in ana.get(ADDRESS).content.decode()
