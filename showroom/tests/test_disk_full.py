"""A disk that is full in the middle of a batch delays it, and nothing is lost."""

import errno
import functools
import io
import os
import re
import subprocess
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from conftest import require
from monitor import room
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml import loader, parquet
from pulsar_ml.cases import CASES
from showroom import classify as module
from showroom.cancel import cancel
from showroom.classify import classify
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.start import start
from showroom.storage.delete import delete, remove_now
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
        (MB, "The disk is full: 16.0\xa0MB lacking, as 1.0\xa0MB must stay free."),
        (0, "The disk is full: 16.0\xa0MB lacking."),
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

    def asked(wanted):
        cancel(batch, by=researcher)
        return words(wanted)

    monkeypatch.setattr(room, "words", asked)
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.cancel_requested) == (State.CANCELLED, True)


def test_a_batch_that_wakes_in_vain_has_been_waiting_all_the_time(make, monkeypatch):
    batch = make()
    enough = []

    def full():
        if not enough:
            raise OSError(errno.ENOSPC, "No space left on device")
        enough.pop()

    monkeypatch.setattr(room, "check", full)
    # A part takes more than there was when it was woken; but one of them fits.
    for found in (0, 1, 0, 99):
        enough[:] = [True] * found
        if batch.state == State.UP_FOR_RETRY:
            assert sweep(Batch, later(batch)) == [batch]
            batch.refresh_from_db()
        classify(batch)
        batch.refresh_from_db()

    assert batch.state == State.SUCCESS
    once = ["batch.waiting", "batch.resumed"]
    assert kinds(batch) == ["batch.collected", *once, *once, "batch.scored"]


def test_a_batch_goes_on_when_another_is_removed(
    disk, fill, make, reconfigured, researcher
):
    reconfigured("storage", reserve_bytes=MB)
    done = make()
    classify(done)
    # It might have been so large.
    ballast = done.folder / "part-00009-0123abcd.parquet"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 20 * MB)
    batch = make(41)
    fill(MB - 1)
    classify(batch)
    assert sweep(Batch, later(batch)) == []
    done.refresh_from_db()
    delete(done, by=researcher)
    assert sweep(Batch, later(batch)) == []

    done.refresh_from_db()
    remove_now(done, by=researcher)
    assert sweep(Batch, later(batch)) == [batch]
    batch.refresh_from_db()
    classify(batch)
    batch.refresh_from_db()
    assert batch.state == State.SUCCESS


def test_plots_are_drawn_without_room_to_keep_them(disk, fill, ana, reconfigured):
    address = reverse("showroom:ready-picture", args=[CASES[0].slug, "light"])
    reconfigured("storage", reserve_bytes=0)
    fill(0)
    by_disk = ana.get(address)
    fill()
    reconfigured("storage", reserve_bytes=2**62)
    by_reserve = ana.get(address)

    for drawn in (by_disk, by_reserve):
        assert (drawn.status_code, drawn.content[:4]) == (200, b"\x89PNG")
    assert not list((disk / "plots").glob("*"))


@pytest.fixture
def full_database():
    """A database that can grow no more, until the test says so."""
    with connection.cursor() as cursor:
        # What other tests have removed has left room.
        cursor.execute("VACUUM")
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


# A long line is read far quicker than many short ones.
_BLANK = b" " * 4095 + b"\n"


@pytest.fixture
def unpacked(champion, researcher, reconfigured):
    """Upload an archive that holds 40 rows, and 24 MB of blank lines."""

    def upload(reserve):
        reconfigured("storage", reserve_bytes=reserve)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "sky.csv", as_csv(simulate(40)) + _BLANK * (24 * MB // 4096)
            )
        return start([stored("sky.zip", content.getvalue())], owner=researcher)

    return upload


@pytest.mark.parametrize("reserve", [0, 32 * MB])
def test_an_archive_that_cannot_be_unpacked_waits_and_loses_no_row(
    disk, fill, unpacked, reconfigured, reserve, mailbox
):
    fill(reserve + 4 * MB)
    batch = unpacked(reserve)
    assert mailbox() == [(batch.pk, "interactive")]
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.attempts) == (State.UP_FOR_RETRY, 0)
    assert not list((disk / "tmp").iterdir())

    fill()
    reconfigured("storage", reserve_bytes=0)
    assert sweep(Batch, later(batch)) == [batch]
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.n_scored, batch.n_rejected) == (State.SUCCESS, 40, 0)


def test_a_batch_that_stops_where_there_is_room_is_given_up(
    disk, fill, unpacked, settings
):
    # Enough to go on by every measure, and never enough for all that it unpacks.
    fill(20 * MB)
    batch = unpacked(0)
    for attempt in range(1, settings.PULSAR.scheduler.max_attempts):
        classify(batch)
        batch.refresh_from_db()
        assert (batch.state, batch.attempts) == (State.UP_FOR_RETRY, attempt)
        assert sweep(Batch, later(batch)) == [batch]
    classify(batch)

    batch.refresh_from_db()
    reason = "The storage of the site refused: No space left on device."
    assert (batch.state, batch.reason) == (State.FAILED, reason)
    assert kinds(batch) == ["batch.collected", "batch.waiting", "batch.failed"]


class Filling(io.BytesIO):
    """A body; when a part of it has come, somebody else fills the disk."""

    def __init__(self, body, fill):
        super().__init__(body)
        self.fill = fill

    def read(self, size=-1):
        if self.fill and self.tell() > 2 * MB:
            self.fill()
            self.fill = None
        return super().read(size)


@pytest.mark.parametrize(
    ("reserve", "left", "csrf"),
    # The disk itself says no; or there is room for it all, but in the reserve.
    [(0, MB, False), (0, MB, True), (30 * MB, 28 * MB, True)],
)
def test_an_upload_for_which_room_ends_on_its_way_is_refused_in_words(
    disk, fill, champion, researcher, reconfigured, settings, reserve, left, csrf
):
    settings.FILE_UPLOAD_TEMP_DIR = disk / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    reconfigured("storage", reserve_bytes=reserve)
    files = [
        SimpleUploadedFile("a.csv", b"x" * 1000),
        SimpleUploadedFile("b.csv", b"x" * 12 * MB),
    ]
    body = encode_multipart(BOUNDARY, {"files": files})
    # Its token is looked for in the body, before any view is.
    client = Client(enforce_csrf_checks=csrf)
    client.cookies["csrftoken"] = "x" * 32
    client.force_login(researcher)
    answer = client.generic(
        "POST",
        reverse("showroom:index"),
        body,
        MULTIPART_CONTENT,
        **{"wsgi.input": Filling(body, lambda: fill(left))},
    )

    page = answer.content.decode()
    assert answer.status_code == 507
    assert "There is no room for this upload" in page
    assert "The disk is full: " in page
    assert not list(settings.FILE_UPLOAD_TEMP_DIR.iterdir())
    assert not Batch.objects.exists()
