"""How a batch that is under way is followed, and which ones a list is of."""

import pytest
from django.urls import reverse

from monitor.work import State
from showroom.models import Batch

pytestmark = pytest.mark.django_db


def test_progress_asks_for_the_whole_page_when_the_work_has_ended(ana, batch):
    done = batch(5)
    address = reverse("showroom:batch-progress", args=[done.pk])
    assert ana.get(address)["HX-Refresh"] == "true"

    Batch.objects.filter(pk=done.pk).update(state=State.RUNNING)
    assert "HX-Refresh" not in ana.get(address)


def test_the_list_can_be_of_one_version(ana, batch, champion):
    batch(5)
    listed = ana.get(reverse("showroom:index"), {"version": champion.pk})
    other = ana.get(reverse("showroom:index"), {"version": champion.pk + 100})

    assert "sky.csv" in listed.content.decode()
    assert "Nothing has been classified yet." in other.content.decode()


def test_a_batch_that_is_not_there_is_404(ana, db):
    assert ana.get("/showroom/batches/999999999999999999999/").status_code == 404
