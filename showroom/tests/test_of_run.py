"""A batch that a schedule's run has made is cancelled and resumed with that run."""

import pytest
from django.urls import reverse

from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from showroom.models import Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def of_run(batch) -> Batch:
    """Ana's batch, scored by a run."""
    made = batch()
    Batch.objects.update(source=Batch.Source.DISPATCH, run=7)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.UP_FOR_RETRY])
def test_while_it_is_under_way_its_page_offers_nothing_that_is_its_runs(
    ana, of_run, state, mailbox
):
    Batch.objects.update(state=state, reason="")
    page = ana.get(of_run.get_absolute_url()).content.decode()
    answers = [
        ana.post(reverse(f"showroom:batch-{verb}", args=[of_run.pk])).status_code
        for verb in ("cancel", "resume", "delete")
    ]

    assert (
        "<button" not in page.partition('id="progress"')[2].partition("</section>")[0]
    )
    assert answers == [403, 403, 409]
    of_run.refresh_from_db()
    assert (of_run.state, of_run.cancel_requested) == (state, False)
    assert sweep(Batch) == []
    assert mailbox() == []


def test_what_is_to_be_done_before_it_can_be_deleted_is_told(ana, of_run):
    Batch.objects.update(state=State.RUNNING)
    page = ana.get(reverse("showroom:batch-delete", args=[of_run.pk])).content.decode()

    assert "It is not at its end: cancel the run of its schedule first." in page


def test_a_failed_one_is_not_resumed_on_its_page(ana, of_run):
    Batch.objects.update(state=State.FAILED, reason="The disk is full.")
    page = ana.get(of_run.get_absolute_url()).content.decode()

    assert "The disk is full." in page
    assert reverse("showroom:batch-resume", args=[of_run.pk]) not in page


def test_at_its_end_it_is_a_batch_as_any_other(ana, of_run, researcher):
    page = ana.get(of_run.get_absolute_url()).content.decode()
    again = ana.post(
        reverse("showroom:batch-again", args=[of_run.pk]),
        {"version": of_run.version_id},
    )
    deleted = ana.post(reverse("showroom:batch-delete", args=[of_run.pk]))
    new = Batch.objects.latest("pk")

    assert "Delete this batch" in page
    assert (again.status_code, deleted.status_code) == (302, 302)
    assert (new.again_of, new.owner, new.source, new.run) == (
        of_run,
        researcher,
        Batch.Source.UPLOAD,
        None,
    )
    of_run.refresh_from_db()
    assert of_run.deleted_at
    assert Outbox.objects.filter(kind="batch.deleted", about=str(of_run)).exists()
