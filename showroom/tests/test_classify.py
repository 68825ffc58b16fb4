"""A batch is scored part by part, whatever happens to its workers."""

import functools

import pytest

from monitor import claims
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import LeaseLost, State
from pulsar_ml import loader
from registry import serving
from registry.errors import NoSuchVersion
from showroom import classify as module
from showroom import scores
from showroom.cancel import cancel
from showroom.classify import classify
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """A worker that is gone from one line to the next."""


@pytest.fixture
def queued(champion, researcher, settings, monkeypatch):
    """A batch of two files and 25 rows that waits, read in chunks of ten."""
    short = functools.partial(loader.read, chunk_rows=10)
    monkeypatch.setattr(module.loader, "read", short)
    showroom = settings.PULSAR.showroom.model_copy(update={"inline_rows": 0})
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    tables = [stored(f"{n}.csv", as_csv(simulate(n, seed=n))) for n in (12, 13)]
    return start(tables, owner=researcher)


def result(batch):
    """All that a batch says and holds."""
    batch.refresh_from_db()
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    counts = (batch.n_rows, batch.n_scored, batch.n_pulsars, batch.n_rejected)
    found = [tuple(row.values()) for row in every(batch, form.cleaned_data)]
    return batch.state, counts, found, batch.sha256


def expire(batch):
    """Let the dead worker's lease run out, and the sweep find it."""
    Batch.objects.filter(pk=batch.pk).update(lease_until=batch.created_at)
    assert sweep(Batch) == [batch]


@pytest.fixture
def undisturbed(queued):
    """What the batch is when nobody disturbs its worker."""
    classify(queued)
    expected = result(queued)
    queued.chunks.all().delete()
    Batch.objects.filter(pk=queued.pk).update(
        state=State.QUEUED,
        n_rows=0,
        n_scored=0,
        n_pulsars=0,
        n_rejected=0,
        bytes_read=0,
        notes=[],
        columns=[],
        sha256="",
        attempts=0,
    )
    queued.refresh_from_db()
    return expected


def test_chunks_span_files_and_are_all_listed(queued):
    classify(queued)

    state, counts, found, _ = result(queued)
    assert (state, counts[:2]) == (State.SUCCESS, (25, 25))
    assert [row[0] for row in found] == list(range(1, 26))
    ledger = queued.chunks.order_by("number")
    assert [(c.first_row, c.n_rows, c.end_file, c.end_row) for c in ledger][:2] == [
        (1, 10, 0, 10),
        (11, 10, 1, 8),
    ]
    assert sum(sum(chunk.histogram) for chunk in ledger) == 25


@pytest.mark.parametrize("chunk", [0, 1, 2])
@pytest.mark.parametrize("line", ["write_scores", "write_rejects", "keep", "close"])
def test_a_worker_killed_anywhere_loses_and_doubles_nothing(
    queued, undisturbed, monkeypatch, chunk, line
):
    owner = claims if line in {"keep", "close"} else scores.parts
    verb, calls = getattr(owner, line), []

    def killed(*args, **kwargs):
        calls.append(1)
        if len(calls) > (chunk if line != "close" else 0):
            raise Killed
        return verb(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, line, killed)
        with pytest.raises(Killed):
            classify(queued)
    queued.refresh_from_db()
    assert queued.state == State.RUNNING
    classify(queued)
    assert queued.chunks.count() == (3 if line == "close" else chunk)

    expire(queued)
    classify(queued)
    assert result(queued) == undisturbed
    assert Outbox.objects.filter(kind="batch.scored", about=str(queued)).count() == 2


def test_a_worker_that_lost_its_lease_writes_no_more(queued, undisturbed, monkeypatch):
    append, taken = scores.append, []

    def overtaken(put, batch, chunk, scored):
        if not taken:
            taken.append(True)
            expire(batch)
            classify(Batch.objects.get(pk=batch.pk))
        append(put, batch, chunk, scored)

    monkeypatch.setattr(scores, "append", overtaken)
    classify(queued)

    assert result(queued) == undisturbed


def test_a_worker_keeps_its_lease_while_it_unpacks(queued, reconfigured, monkeypatch):
    read, kept = loader.read, []

    def unpacking(sources, **asked):
        for holder in ("", "another"):
            Batch.objects.update(
                lease_until=None, **({"holder": holder} if holder else {})
            )
            sources[0].scratch.spend(1)
            kept.append(Batch.objects.get().lease_until is not None)
        return read(sources, **asked)

    monkeypatch.setattr(module.loader, "read", unpacking)
    reconfigured("scheduler", lease_seconds=0)
    classify(queued)

    assert kept == [True, False]
    assert Batch.objects.get().n_rows == 0


def test_a_lease_that_is_lost_is_told_to_its_holder(queued):
    assert claims.claim(queued)
    Batch.objects.filter(pk=queued.pk).update(holder="somebody else")

    with pytest.raises(LeaseLost, match="Another worker has taken"):
        claims.keep(queued)


def test_only_one_of_two_workers_gets_a_batch(queued):
    second = Batch.objects.get(pk=queued.pk)

    assert (claims.claim(queued), claims.claim(second)) == (True, False)


def test_a_cancelled_batch_stops_at_its_next_chunk_and_keeps_what_it_has(
    queued, researcher, monkeypatch
):
    append = scores.append

    def asked(put, batch, chunk, scored):
        append(put, batch, chunk, scored)
        cancel(batch, by=researcher)

    monkeypatch.setattr(scores, "append", asked)
    classify(queued)

    state, counts, found, _ = result(queued)
    assert (state, counts[0], len(found)) == (State.CANCELLED, 10, 10)
    assert Outbox.objects.filter(kind="batch.cancelled", about=str(queued)).exists()


def test_a_broken_disk_fails_the_batch_with_words(queued, monkeypatch):
    def broken(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(scores.parts, "write_scores", broken)
    classify(queued)

    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (
        State.FAILED,
        "The storage of the site refused: Input/output error.",
    )


def test_an_artefact_that_was_changed_is_refused(queued):
    (queued.version.folder / "model.onnx").write_bytes(b"other")
    serving._scorer.cache_clear()
    classify(queued)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert "model.onnx" in queued.reason


def test_without_a_champion_nothing_is_started(db, person):
    with pytest.raises(NoSuchVersion, match="There is no version pulsar@champion"):
        start([stored("a.csv", as_csv(simulate(3)))], owner=person("researcher"))


def test_an_upload_that_is_gone_fails_the_batch_with_words(
    champion, researcher, mailbox, storage
):
    good = stored("good.csv", as_csv(simulate(3)))
    gone = stored("gone.csv", as_csv(simulate(4)))
    (storage / "uploads" / gone.sha256).unlink()
    batch = start([good, gone._replace(temporary=None)], owner=researcher)
    assert mailbox() == [(batch.pk, "interactive")]
    classify(batch)

    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (
        State.FAILED,
        "gone.csv is no longer in the storage. Upload it again.",
    )
    assert Outbox.objects.filter(kind="batch.failed", about=str(batch)).exists()
