"""A disk that is full in the middle of a batch delays it, and nothing is lost."""

import functools
import os
import re
import subprocess
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from conftest import require
from monitor import room
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml import loader, parquet
from showroom import classify as module
from showroom.cancel import cancel
from showroom.classify import classify
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MB = 1024**2


@pytest.fixture
def disk(storage):
    """The storage on a disk of its own, which has 48 MB."""
    require(os.geteuid() == 0, "only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", storage],
        capture_output=True,
        text=True,
    )
    require(mounted.returncode == 0, f"no disk can be mounted: {mounted.stderr}")
    yield storage
    subprocess.run(["umount", "--lazy", storage], check=True)


@pytest.fixture
def fill(disk):
    """Leave so many bytes free; without a figure give everything back."""
    filler = disk / "filler"

    def leave(free=None):
        filler.unlink(missing_ok=True)
        if free is not None:
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, room.free() - free)

    return leave


@pytest.fixture
def make(monkeypatch, reconfigured, request):
    """Batches of 40 rows that wait for a worker, read in chunks of ten."""
    request.getfixturevalue("champion")
    researcher = request.getfixturevalue("researcher")
    short = functools.partial(loader.read, chunk_rows=10)
    monkeypatch.setattr(module.loader, "read", short)
    reconfigured("showroom", inline_rows=0)
    return lambda rows=40: start(
        [stored("sky.csv", as_csv(simulate(rows)))], owner=researcher
    )


def result(batch):
    batch.refresh_from_db()
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    counts = (batch.n_rows, batch.n_scored, batch.n_pulsars, batch.bytes_read)
    return batch.state, counts, every(batch, form.cleaned_data), batch.sha256


def later(batch):
    batch.refresh_from_db()
    return batch.sent_at + timedelta(seconds=60)


def listed(batch):
    return sorted(batch.chunks.values_list("part", flat=True))


def kinds(batch):
    events = Outbox.objects.filter(about=str(batch)).order_by("pk")
    return [event.kind for event in events]


@pytest.mark.parametrize(
    ("reserve", "words"),
    [
        (MB, "The disk is full: .*KB free where 1.0\xa0MB must stay."),
        (0, "The disk is full: .*(bytes|KB) free."),
    ],
)
def test_a_batch_waits_while_the_disk_is_full_and_then_goes_on(
    disk, fill, make, reconfigured, reserve, words
):
    reconfigured("storage", reserve_bytes=reserve)
    undisturbed = make()
    classify(undisturbed)
    batch = make()
    # By the reserve: one part fits. Without one: the disk itself says no.
    fill(reserve + 8 * 1024 if reserve else 4 * 1024)

    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.attempts, batch.holder) == (State.UP_FOR_RETRY, 0, "")
    ends = " It goes on by itself when there is room."
    assert re.fullmatch(words + re.escape(ends), batch.reason)
    files = sorted(file.name for file in batch.folder.iterdir())
    assert files == listed(batch)
    assert len(files) < 4
    assert not list((disk / "tmp").iterdir())
    assert kinds(batch) == ["batch.collected", "batch.waiting"]

    # A little room is not enough, or it would stop again at once.
    fill(reserve + MB)
    assert sweep(Batch, later(batch)) == []
    fill()
    assert sweep(Batch, later(batch)) == [batch]
    classify(batch)
    assert result(batch) == result(undisturbed)
    assert kinds(batch)[2:] == ["batch.resumed", "batch.scored"]


@pytest.fixture
def waiting(make, reconfigured):
    """A batch that waits for more room than any disk has."""
    batch = make()
    reconfigured("storage", reserve_bytes=2**62)
    classify(batch)
    batch.refresh_from_db()
    assert batch.state == State.UP_FOR_RETRY
    return batch


def test_its_page_says_why_it_waits_and_what_one_can_do(ana, waiting):
    page = ana.get(waiting.get_absolute_url()).content.decode()

    assert "Waiting for room on the disk" in page
    assert waiting.reason in page
    assert "up for retry" in page
    assert "Go on now" in page
    assert "Cancel" in page


def test_a_batch_that_waits_for_room_can_be_cancelled_at_once(waiting, researcher):
    cancel(waiting, by=researcher)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (
        State.CANCELLED,
        "Cancelled on request.",
    )


def test_a_person_sends_it_on_without_waiting(ana, waiting, mailbox):
    ana.post(reverse("showroom:batch-resume", args=[waiting.pk]))

    waiting.refresh_from_db()
    assert waiting.state == State.QUEUED
    assert mailbox() == [(waiting.pk, "interactive")]


def test_a_batch_that_is_to_stop_does_not_wait_for_room(
    make, reconfigured, researcher, monkeypatch
):
    batch = make()
    reconfigured("storage", reserve_bytes=2**62)
    words = room.words

    def asked():
        cancel(batch, by=researcher)
        return words()

    monkeypatch.setattr(room, "words", asked)
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.cancel_requested) == (State.CANCELLED, True)


@pytest.fixture
def full_database():
    """A database that can grow no more, until the test says so."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()

    def limit(more=None):
        with connection.cursor() as cursor:
            most = 2**30 if more is None else pages + more
            cursor.execute(f"PRAGMA max_page_count = {most}")

    yield limit
    limit()


@pytest.mark.django_db(transaction=True)
def test_a_full_database_costs_a_worker_and_no_batch(make, full_database):
    undisturbed, batch = make(400), make(400)
    classify(undisturbed)

    full_database(0)
    with pytest.raises(OperationalError, match="database or disk is full"):
        classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.n_rows) == (State.RUNNING, 10 * batch.chunks.count())

    full_database()
    assert sweep(Batch, batch.lease_until + timedelta(seconds=1)) == [batch]
    classify(batch)
    assert result(batch) == result(undisturbed)


def test_a_query_for_which_the_disk_has_no_room_says_so_as_the_system_would(disk, fill):
    fill(64 * 1024)
    sorts = "create table a as select random() as x from range(3_000_000) order by x"
    with (
        pytest.raises(OSError, match="No space left on device") as caught,
        parquet.connection(disk / "tmp", memory="20MB") as opened,
    ):
        opened.execute(sorts)

    assert room.is_lacking(caught.value)
    assert not list((disk / "tmp").iterdir())
