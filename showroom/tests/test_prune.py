"""What the site keeps no longer goes; everything else, and every evidence, stays."""

import os
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.timezone import now

from monitor import leases
from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.simulate import simulate as draw
from registry.models import AliasMove, Version
from registry.move_alias import move_alias
from showroom.cancel import resume
from showroom.classify import classify
from showroom.models import Batch, BatchFile, Candidate, Chunk, Download
from showroom.start import start
from showroom.storage import disk, orphans, remove
from showroom.storage import prune as module
from showroom.storage.delete import delete
from showroom.storage.prune import Freed, prune
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db

KINDS = [
    "batches",
    "uploads",
    "downloads",
    "pictures",
    "unlisted parts",
    "temporary files",
]


def age(path, days):
    then = (now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def written(path, content, days=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    age(path, days)
    return path


def files(storage):
    folders = ("uploads", "scores", "downloads", "plots", "tmp", "incoming")
    found = (file for name in folders for file in disk.within(storage / name))
    return {
        str(file.path.relative_to(storage)): file.path.read_bytes() for file in found
    }


def counts():
    kinds = (Batch, BatchFile, Chunk, Candidate, Download)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def freed(**kinds):
    """The whole answer, where only these kinds had anything to go."""
    wanted = {kind.replace("_", " "): values for kind, values in kinds.items()}
    return [Freed(kind, *wanted.get(kind, (0, 0))) for kind in KINDS]


@pytest.fixture
def made(champion, researcher, storage):
    """Make a batch of so many rows, as if so many days ago."""
    # Else they all would be what the champion was chosen by.
    AliasMove.objects.update(at=now() - timedelta(days=9999))

    def make(rows, days=0, version=None):
        table = stored(f"{rows}.csv", as_csv(simulate(rows, seed=rows)))
        batch = start([table], owner=researcher, version=version)
        then = now() - timedelta(days=days)
        Batch.objects.filter(pk=batch.pk).update(created_at=then, finished_at=then)
        age(batch.files.get().path, days)
        batch.refresh_from_db()
        return batch

    return make


@pytest.fixture
def download(storage):
    """A download that was prepared so many days ago."""

    def make(batch, size, days=0.0, state=State.SUCCESS):
        then = None if state == State.RUNNING else now() - timedelta(days=days)
        one = Download.objects.create(
            batch=batch,
            format="csv",
            name="rows.csv",
            size=size,
            state=state,
            finished_at=then,
        )
        written(one.path, b"x" * size, days)
        return one

    return make


def test_by_default_everything_is_kept_for_ever(made, download, storage):
    batch = made(5, days=4000)
    download(batch, 10, days=4000)
    written(storage / "plots" / "a-light.png", b"png", days=4000)
    before = files(storage), counts()

    assert prune() == freed()
    assert (files(storage), counts()) == before
    assert not Outbox.objects.filter(kind="storage.pruned").exists()


def test_uploads_go_after_their_days_unless_a_younger_batch_has_them(
    ana, made, keep, storage
):
    keep(uploads={"days": 90})
    old, shared, young = made(5, days=91), made(6, days=91), made(7, days=89)
    again = made(6, days=1)
    size = old.files.get().size

    assert prune() == freed(uploads=(1, size))
    gone = BatchFile.objects.exclude(removed_at=None)
    assert set(gone.values_list("batch", flat=True)) == {old.pk, shared.pk}
    assert not old.files.get().path.exists()
    for batch in (again, young):
        assert batch.files.get().path.exists()
    assert ana.get(old.get_absolute_url()).status_code == 200
    assert prune() == freed()


def test_batches_go_with_all_they_have_after_their_days(
    made, download, keep, storage, monkeypatch
):
    monkeypatch.setattr(remove, "_AT_ONCE", 2)
    keep(scores={"days": 30})
    old, young = made(40, days=31), made(6, days=29)
    download(old, 10, days=31)
    left = files(storage), counts()
    size = disk.size(old.folder) + 10

    result = prune()
    assert result == freed(batches=(1, size), uploads=(1, old.bytes_total))
    assert not Batch.objects.filter(pk=old.pk).exists()
    assert set(files(storage)) < set(left[0])
    assert counts() == {
        "Batch": 1,
        "BatchFile": 1,
        "Chunk": 1,
        "Candidate": young.candidates.count(),
        "Download": 0,
    }
    event = Outbox.objects.get(kind="batch.pruned")
    assert (event.about, event.detail) == (str(old), {"bytes": size})
    event = Outbox.objects.get(kind="storage.pruned")
    assert event.detail == {
        "batches": {"n": 1, "bytes": size},
        "uploads": {"n": 1, "bytes": old.bytes_total},
    }


def test_evidence_outlives_every_retention(made, keep, champion, researcher, storage):
    keep(scores={"days": 30}, uploads={"days": 30})
    other = Version.objects.exclude(pk=champion.pk).get()
    trial, deleted = made(5, days=31, version=other), made(6, 31, version=other)
    delete(deleted, by=researcher)
    Batch.objects.exclude(deleted_at=None).update(
        deleted_at=now() - timedelta(hours=25)
    )
    move_alias("champion", other, expected=champion, reason="It was better.")
    before = files(storage)

    assert prune() == freed()
    assert files(storage) == before
    # What was deleted before it became evidence comes back.
    assert Batch.objects.filter(deleted_at=None).count() == 2
    assert trial.files.get().removed_at is None


def test_a_deleted_batch_goes_when_it_can_be_undone_no_longer(
    made, researcher, storage
):
    batch = made(5, days=2)
    delete(batch, by=researcher)
    size = disk.size(batch.folder)

    assert prune(now() + timedelta(hours=23)) == freed()
    assert prune(now() + timedelta(hours=25))[:2] == [
        Freed("batches", 1, size),
        Freed("uploads", 1, batch.bytes_total),
    ]
    assert files(storage) == {}


def test_a_batch_of_which_a_download_is_prepared_waits(made, download, keep):
    keep(scores={"days": 30})
    batch = made(5, days=31)
    one = download(batch, 10, state=State.RUNNING)

    assert prune() == freed()
    Download.objects.filter(pk=one.pk).update(state=State.FAILED, finished_at=now())
    assert prune()[0].n == 1


def test_a_batch_that_somebody_brings_back_in_this_moment_stays(made, researcher):
    stale = made(5)
    delete(stale, by=researcher)

    assert remove.remove(stale, now()) is None
    assert Batch.objects.get().deleted_by == researcher


def test_downloads_go_by_age_and_the_oldest_beyond_the_bytes(made, download, keep):
    keep(downloads={"days": 10, "bytes": 100})
    batch = made(5)
    ages = {9: 40, 1: 50, 11: 5, 2: 30}
    made_ = {days: download(batch, size, days) for days, size in ages.items()}
    running = download(batch, 500, state=State.RUNNING)

    assert prune() == freed(downloads=(2, 45))
    kept = {made_[1], made_[2], running}
    assert set(Download.objects.all()) == kept
    assert all(one.path.exists() == (one in kept) for one in made_.values())


def test_pictures_go_by_age_and_the_oldest_beyond_the_bytes(storage, keep, db):
    keep(pictures={"days": 10, "bytes": 100})
    for days, size in {9: 40, 1: 50, 11: 5, 2: 30}.items():
        written(storage / "plots" / f"{days}-light.png", b"x" * size, days)

    assert prune() == freed(pictures=(2, 45))
    assert sorted(files(storage)) == ["plots/1-light.png", "plots/2-light.png"]


def test_what_killed_processes_left_goes_and_what_is_in_hand_stays(
    made, download, storage
):
    ended, running = made(5), made(6)
    Batch.objects.filter(pk=running.pk).update(state=State.RUNNING)
    before = files(storage)
    for batch in (ended, running):
        written(batch.folder / "part-00001-dead.parquet", b"unlisted", 2)
        written(batch.folder / "part-00002-0123abcd.parquet", b"about to be listed")
        written(batch.folder / ".writing-dead", b"unfinished", 2)
    for days in (0.5, 2):
        for folder in ("tmp", "incoming"):
            written(storage / folder / f"{days}", b"left", days)
        written(storage / "plots" / f".writing-{days}", b"left", days)
        nobodys = written(storage / "downloads" / f"{days}" / "a", b"left", days)
        age(nobodys.parent, days)
        nobodys = written(storage / "scores" / f"7777{days}" / "a", b"left", days)
        age(nobodys.parent, days)

    assert prune() == freed(
        downloads=(1, 4), unlisted_parts=(3, 22), temporary_files=(3, 12)
    )
    left = set(files(storage)) - set(before)
    assert left == {
        f"scores/{running.pk}/part-00001-dead.parquet",
        f"scores/{running.pk}/.writing-dead",
        f"scores/{running.pk}/part-00002-0123abcd.parquet",
        f"scores/{ended.pk}/part-00002-0123abcd.parquet",
        "tmp/0.5",
        "incoming/0.5",
        "plots/.writing-0.5",
        "downloads/0.5/a",
        "scores/77770.5/a",
    }


@pytest.fixture
def much(made, download, keep, researcher, storage):
    """Something of every kind that is to go, beside what is to stay."""
    keep(
        scores={"days": 30},
        uploads={"days": 20},
        downloads={"days": 10},
        pictures={"days": 10},
    )
    stays = made(5, days=1)
    made(6, days=25)
    download(made(7, days=31), 10, days=12)
    deleted = made(8, days=3)
    delete(deleted, by=researcher)
    Batch.objects.filter(pk=deleted.pk).update(deleted_at=now() - timedelta(days=2))
    download(stays, 20, days=11)
    written(storage / "plots" / "a-light.png", b"old picture", 11)
    for batch in (stays, deleted):
        written(batch.folder / "part-00009-dead.parquet", b"unlisted", 2)
    written(storage / "tmp" / "left", b"left", 2)


def test_a_dry_run_tells_the_same_and_changes_nothing(much, storage):
    before = files(storage), counts()

    told = prune(dry_run=True)
    assert (files(storage), counts()) == before
    assert not Outbox.objects.filter(kind="storage.pruned").exists()
    assert prune() == told
    assert [one.n for one in told] == [2, 3, 1, 1, 1, 1]


class Killed(BaseException):
    """A process that is gone from one line to the next."""


@pytest.mark.parametrize(
    ("owner", "line", "moment"),
    [
        (remove, "_take", "after"),
        (remove, "remove_download", "after"),
        (disk, "drop", "before"),
        (remove, "_delete_all", "before"),
        (remove, "_delete_all", "after"),
        (remove, "record", "before"),
        (orphans, "_is_needed", "before"),
        (module, "record", "before"),
    ],
)
def test_killed_at_any_line_the_next_run_goes_on(
    much, storage, monkeypatch, owner, line, moment
):
    verb = getattr(owner, line)

    def killed(*args, **kwargs):
        if moment == "after":
            verb(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, line, killed)
        with pytest.raises(Killed):
            prune()
    # What no row names any more is taken for forgotten after a day.
    prune(now() + timedelta(hours=25))

    (stays, younger) = Batch.objects.order_by("pk")
    assert sorted(files(storage)) == sorted(
        [
            f"uploads/{stays.files.get().sha256}",
            f"scores/{stays.pk}/{stays.chunks.get().part}",
            f"scores/{younger.pk}/{younger.chunks.get().part}",
        ]
    )
    assert counts() == {
        "Batch": 2,
        "BatchFile": 2,
        "Chunk": 2,
        "Candidate": stays.candidates.count() + younger.candidates.count(),
        "Download": 0,
    }
    assert prune(now() + timedelta(hours=25)) == freed()


def test_two_at_once_are_one(much, storage, capsys):
    before = files(storage)
    with leases.hold("prune", 60):
        call_command("prune")

    assert capsys.readouterr().out == "another prune is under way\n"
    assert files(storage) == before


def test_the_command_prints_what_was_freed_by_kind(made, keep, capsys):
    keep(uploads={"days": 1})
    size = made(5, days=3).bytes_total
    call_command("prune", "--dry-run")
    call_command("prune")

    def line(kind, n, size):
        return f"{kind:15} {n:>10} {size:>12}"

    table = [
        line(kind, *((1, f"{size} bytes") if kind == "uploads" else (0, "0 bytes")))
        for kind in KINDS
    ]
    planned = [line("", "would go", "bytes"), *table]
    done = [line("", "removed", "bytes"), *table]
    assert capsys.readouterr().out.splitlines() == planned + done


def test_a_candidate_whose_file_went_says_so_on_its_page(
    ana, champion, researcher, keep, storage
):
    keep(uploads={"days": 90})
    content = draw("pulsar", seed=3).to_phcx()
    batch = start([stored("a.phcx", content)], owner=researcher)
    then = now() - timedelta(days=91)
    Batch.objects.update(created_at=then)
    AliasMove.objects.update(at=then)
    age(batch.files.get().path, 91)
    prune()

    page = ana.get(reverse("showroom:row", args=[batch.pk, 1])).content.decode()
    assert (
        "The file of this candidate was removed after 91 days, as the site is set up, "
        "so that there are no plots."
    ) in page
    for form in ("picture", "svg", "figures"):
        plots = reverse(f"showroom:row-{form}", args=[batch.pk, 1, "light"])
        assert ana.get(plots).status_code == 404
    # The same bytes, brought again, are the same file.
    start([stored("again.phcx", content)], owner=researcher)
    page = ana.get(reverse("showroom:row", args=[batch.pk, 1])).content.decode()
    assert "was removed" not in page


def test_a_batch_that_lacks_its_files_does_not_go_on(made, keep, researcher):
    keep(uploads={"days": 90})
    batch = made(5, days=91)
    Batch.objects.update(state=State.CANCELLED)
    prune()
    resume(batch, by=researcher)
    classify(batch)

    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (
        State.FAILED,
        "5.csv was removed after 91 days, as the site is set up. Upload it again.",
    )
