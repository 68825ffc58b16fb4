"""What the site keeps no longer goes; everything else, and every evidence, stays."""

import errno
import os
import shutil
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
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
from showroom.storage.evidence import free, why_kept
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


def test_without_undo_the_uploads_of_a_batch_go_with_it(
    made, researcher, reconfigured, storage
):
    reconfigured("retention", undo_hours=0)
    batch, shared = made(5), made(6)
    again = made(6)
    for one in (batch, shared):
        delete(one, by=researcher)
    size = disk.size(batch.folder) + disk.size(shared.folder)

    told = prune(dry_run=True)
    assert prune() == told == freed(batches=(2, size), uploads=(1, batch.bytes_total))
    assert sorted(files(storage)) == [
        f"scores/{again.pk}/{again.chunks.get().part}",
        f"uploads/{again.files.get().sha256}",
    ]


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
    sizes = Download.objects.exclude(pk=running.pk).values_list("pk", "size")
    assert dict(sizes) == {
        made_[days].pk: size if days < 9 else 0 for days, size in ages.items()
    }
    assert all(one.path.exists() == (days < 9) for days, one in made_.items())
    assert prune() == freed()


def test_a_download_whose_file_went_says_so_and_is_prepared_again(
    ana, made, download, keep
):
    keep(downloads={"days": 10})
    one = download(made(5), 40, days=11)
    prune()

    page = ana.get(one.get_absolute_url()).content.decode()
    assert "<h2>Removed</h2>" in page
    assert "Prepare it again" in page
    file = ana.get(reverse("showroom:download-file", args=[one.pk]))
    assert file.url == one.get_absolute_url()


def test_what_a_killed_worker_left_of_a_download_goes(made, download, storage):
    batch = made(5)
    for state in (State.FAILED, State.CANCELLED, State.RUNNING, State.SUCCESS):
        one = download(batch, 10, days=2, state=state)
        if state in (State.FAILED, State.CANCELLED):
            # It was whole, and its worker died before it could say so.
            Download.objects.filter(pk=one.pk).update(size=0)
        age(one.folder, 2)
    half = written(one.folder / ".writing-dead", b"half", 2)
    age(one.folder, 2)

    told = prune(dry_run=True)
    assert prune() == told == freed(downloads=(2, 20), temporary_files=(1, 4))
    left = {file.path.parent.name for file in disk.within(storage / "downloads")}
    assert not half.exists()
    states = Download.objects.filter(pk__in=left).values_list("state", flat=True)
    assert set(states) == {State.RUNNING, State.SUCCESS}


def test_folders_of_killed_exports_go_with_all_they_hold(storage, db):
    dead, alive, empty = (storage / "tmp" / f"parquet-{n}" for n in range(3))
    for folder in (dead, alive):
        for part in ("000000.parquet", "000001.parquet"):
            written(folder / part, b"part", 2)
    written(alive / "000002.parquet", b"part")
    empty.mkdir()
    for folder in (dead, alive, empty):
        age(folder, 2)

    assert prune() == freed(temporary_files=(2, 8))
    assert list((storage / "tmp").iterdir()) == [alive]
    assert len(list(alive.iterdir())) == 3


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


def test_what_is_not_of_the_site_is_left_alone(made, storage):
    made(5)
    others = [
        written(storage / "scores" / "backup-of-7" / "a", b"mine", 3),
        written(storage / "scores" / "0007" / "a", b"mine", 3),
        written(storage / "downloads" / "lost+found" / "a", b"mine", 3),
    ]
    for file in others:
        age(file.parent, 3)
    for name in ("README.txt", "a" * 63, ".pruning-notes"):
        others.append(written(storage / "uploads" / name, b"mine", 3))

    assert prune() == freed()
    assert [file.read_bytes() for file in others] == [b"mine"] * len(others)


def test_what_cannot_be_removed_is_told_and_does_not_stop_the_rest(
    made, storage, monkeypatch, caplog
):
    made(5)
    stays = [
        written(storage / "uploads" / ("a" * 64), b"nobody's", 2),
        written(storage / "tmp" / "stays", b"left", 2),
        written(storage / "scores" / "7777" / "a", b"left", 2),
        written(storage / "plots" / "lost+found" / ".writing-a", b"left", 2),
    ]
    for file in stays[2:]:
        age(file.parent, 2)
    goes = [
        written(storage / "uploads" / ("b" * 64), b"nobody's", 2),
        written(storage / "tmp" / "goes", b"left", 2),
        written(storage / "scores" / "8888" / "a", b"left", 2),
    ]
    age(goes[2].parent, 2)
    refuse(monkeypatch, stays[0], stays[1], stays[2].parent, stays[3].parent)

    assert prune() == freed(
        uploads=(1, 8), unlisted_parts=(1, 4), temporary_files=(1, 4)
    )
    assert [file.exists() for file in (*stays, *goes)] == [True] * 4 + [False] * 3
    for path in (stays[0], stays[1], stays[2].parent, stays[3].parent):
        assert str(path) in caplog.text


def refuse(monkeypatch, *paths):
    """Let the system refuse to change or look into these, as root's in a mount."""

    def refusing(verb, path, *args, **kwargs):
        if str(path) not in map(str, paths):
            return verb(path, *args, **kwargs)
        if kwargs.get("ignore_errors"):
            return None
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    for owner, name in ((os, "rename"), (os, "unlink"), (os, "scandir")):
        monkeypatch.setattr(owner, name, partial(refusing, getattr(owner, name)))
    monkeypatch.setattr(shutil, "rmtree", partial(refusing, shutil.rmtree))


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
        # Its page stays, and says that the file went.
        "Download": 1,
    }
    assert Download.objects.get().size == 0
    assert prune(now() + timedelta(hours=25)) == freed()


def test_two_at_once_are_one(much, storage, capsys):
    before = files(storage)
    with leases.hold("prune", 60):
        call_command("prune")

    assert capsys.readouterr().out == (
        "another prune is under way, or was killed less than 10 minutes ago\n"
    )
    assert files(storage) == before


def test_a_run_that_was_killed_keeps_out_the_next_for_so_long(
    much, storage, monkeypatch
):
    at = now()
    with leases.hold("prune", module.LEASE_SECONDS):
        monkeypatch.setattr(timezone, "now", lambda: at + timedelta(seconds=590))
        assert prune() == []
        monkeypatch.setattr(timezone, "now", lambda: at + timedelta(seconds=610))
        assert prune() != []


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


def test_what_was_brought_again_and_resumed_is_not_removed(made, keep, researcher):
    keep(uploads={"days": 30})
    batch = made(5, days=100)
    Batch.objects.update(state=State.CANCELLED)
    prune()
    path = batch.files.get().path
    assert not path.exists()
    stored("5.csv", as_csv(simulate(5, seed=5)))
    age(path, 3)
    resume(batch, by=researcher)

    assert batch.files.get().removed_at is None
    assert prune() == freed()
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, path.exists()) == (State.SUCCESS, True)


def test_of_batches_under_way_nothing_is_removed(made):
    batch = made(5, days=100)
    BatchFile.objects.update(removed_at=now())
    for state in (State.QUEUED, State.RUNNING, State.UP_FOR_RETRY):
        Batch.objects.update(state=state)
        assert prune() == prune(dry_run=True) == freed()
    Batch.objects.update(state=State.SUCCESS)
    assert prune() == freed(uploads=(1, batch.bytes_total))


def test_what_evidence_is_the_database_finds_as_well(made, champion):
    other = Version.objects.exclude(pk=champion.pk).get()
    spoke, after = made(5, days=31, version=other), made(6, version=other)
    never, single = made(7), made(8)
    Batch.objects.filter(pk=single.pk).update(source=Batch.Source.CASES)
    move_alias("champion", other, expected=champion, reason="It was better.")
    AliasMove.objects.filter(after=other).update(at=now() - timedelta(days=9))

    found = set(free(Batch.objects.all()))
    assert found == {after, never}
    assert found == {batch for batch in Batch.objects.all() if not why_kept(batch)}
    assert spoke not in found
