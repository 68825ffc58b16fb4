"""What a dead worker held, and what the broker lost, comes back."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from monitor import claims
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from showroom.cancel import cancel, resume
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(champion, researcher, mailbox):
    batch = start([stored("sky.csv", as_csv(simulate(5001)))], owner=researcher)
    mailbox()
    return batch


def later(batch, seconds):
    return batch.sent_at + timedelta(seconds=seconds)


def kinds(batch):
    events = Outbox.objects.filter(about=str(batch)).order_by("pk")
    return [event.kind for event in events]


def test_a_message_that_was_lost_is_sent_again_after_ten_seconds(queued, mailbox):
    assert sweep(Batch, later(queued, 9)) == []
    assert mailbox() == []

    assert sweep(Batch, later(queued, 11)) == [queued]
    assert mailbox() == [(queued.pk, "interactive")]


def test_a_batch_is_taken_from_a_dead_worker_and_sent_again(queued, mailbox):
    claims.claim(queued)
    assert sweep(Batch, queued.lease_until - timedelta(seconds=1)) == []

    assert sweep(Batch, queued.lease_until + timedelta(seconds=1)) == [queued]
    queued.refresh_from_db()
    assert (queued.state, queued.holder, queued.lease_until) == (State.QUEUED, "", None)
    assert mailbox() == [(queued.pk, "interactive")]
    assert kinds(queued) == ["batch.collected", "batch.resumed"]


def test_a_clock_that_is_put_back_delays_nothing(queued, mailbox):
    yesterday = queued.sent_at - timedelta(days=1)
    assert sweep(Batch, yesterday) == [queued]
    queued.refresh_from_db()
    claims.claim(queued)

    assert sweep(Batch, yesterday) == [queued]
    queued.refresh_from_db()
    assert (queued.state, queued.lease_until) == (State.QUEUED, None)
    assert len(mailbox()) == 2


def test_a_batch_that_kills_its_workers_is_given_up(queued, mailbox):
    for _ in range(3):
        assert claims.claim(queued)
        sweep(Batch, queued.lease_until + timedelta(seconds=1))
        queued.refresh_from_db()

    assert (queued.state, queued.reason) == (
        State.FAILED,
        "Given up: 3 workers died over it.",
    )
    assert kinds(queued)[-1] == "batch.failed"


def test_a_batch_whose_worker_died_while_it_was_to_stop_is_cancelled(
    queued, researcher, mailbox
):
    claims.claim(queued)
    cancel(queued, by=researcher)
    sweep(Batch, queued.lease_until + timedelta(seconds=1))

    queued.refresh_from_db()
    assert queued.state == State.CANCELLED


def test_a_waiting_batch_is_cancelled_at_once_and_can_go_on_later(
    queued, researcher, mailbox
):
    cancel(queued, by=researcher)
    cancel(queued, by=researcher)
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (State.CANCELLED, "Cancelled on request.")
    assert kinds(queued) == ["batch.collected", "batch.cancelled"]

    resume(queued, by=researcher)
    queued.refresh_from_db()
    assert (queued.state, queued.reason, queued.cancel_requested) == (
        State.QUEUED,
        "",
        False,
    )
    assert mailbox() == [(queued.pk, "interactive")]


def test_a_batch_that_has_ended_is_neither_swept_nor_cancelled(batch, researcher):
    done = batch(5)
    cancel(done, by=researcher)
    resume(done, by=researcher)

    assert sweep(Batch, done.created_at + timedelta(days=1)) == []
    done.refresh_from_db()
    assert (done.state, done.cancel_requested) == (State.SUCCESS, False)


def test_a_broker_that_is_away_delays_a_batch_and_loses_nothing(
    champion, researcher, settings, mailbox, caplog
):
    folder = Path(settings.CELERY["broker_transport_options"]["data_folder_out"])
    folder.rmdir()
    try:
        queued = start([stored("s.csv", as_csv(simulate(5001)))], owner=researcher)
    finally:
        folder.mkdir()

    assert Batch.objects.get() == queued
    assert queued.state == State.QUEUED
    assert "The broker did not take" in caplog.text
    assert sweep(Batch, later(queued, 11)) == [queued]
    assert mailbox() == [(queued.pk, "interactive")]


def test_the_command_says_what_it_sent(queued, mailbox, capsys, time_machine):
    time_machine.move_to(later(queued, 60))
    call_command("sweep_batches")

    assert capsys.readouterr().out == f"sent {queued} again\n"


def test_a_batch_that_stopped_half_way_offers_to_go_on(ana, queued, researcher):
    cancel(queued, by=researcher)

    page = ana.get(queued.get_absolute_url()).content.decode()
    assert "Go on where it stopped" in page
