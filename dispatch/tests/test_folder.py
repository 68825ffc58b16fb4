"""A folder as a source: each content once, whole or not at all, and never a crash."""

import errno
import hashlib
import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from dispatch import sources
from dispatch.choose import BadSettings
from dispatch.models import Intake, Run, Schedule, Sighting
from dispatch.sources import collect as collecting
from dispatch.sources import fetch as fetching
from dispatch.tests.conftest import arrive
from monitor import claims, room
from monitor.models import Outbox
from monitor.work import Cancelled, LeaseLost, State
from showroom import classify as scoring
from showroom.models import Batch, BatchFile

pytestmark = pytest.mark.django_db


def beat() -> None:
    """Nothing stops it."""


@pytest.fixture
def over(schedule_over, folder) -> Callable[..., Schedule]:
    """Make a schedule over the folder whose files are whole at once."""

    def make(slug: str = "nightly", **values: object) -> Schedule:
        source = {"kind": "folder", "folder": str(folder), "settle_seconds": 0}
        return schedule_over(slug, source=source | values)

    return make


@pytest.fixture
def run_of(champion) -> Callable[[Schedule], Run]:
    """Make a run of a schedule that a worker has just taken."""

    def make(schedule: Schedule) -> Run:
        Run.objects.filter(schedule=schedule).update(open=None, state=State.SUCCESS)
        run = Run.objects.create(schedule=schedule, version=champion)
        assert claims.claim(run)
        return run

    return make


@pytest.fixture
def take(run_of) -> Callable[[Schedule], Run]:
    """Have a run of a schedule collect."""

    def make(schedule: Schedule) -> Run:
        run = run_of(schedule)
        found = sources.of(schedule.source).collect(run, beat)
        run.refresh_from_db()
        assert found == bool(run.batch)
        return run

    return make


def names(run: Run) -> list[str]:
    """What the run reads, in its order."""
    return [file.name for file in run.batch.files.order_by("position")]


def counts(run: Run) -> tuple[int, int, int]:
    return run.n_files, run.n_waiting, run.n_known


def age(path: Path, seconds: float) -> None:
    """Give a file another time; its status keeps the present one."""
    at = time.time() - seconds
    os.utime(path, (at, at))


# What is taken in


def test_whole_files_become_the_batch_of_the_run(over, take, folder, storage, admin):
    arrive(folder, "b.csv", seed=1)
    schedule = over()
    run = take(schedule)
    batch = run.batch
    by_name = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert counts(run) == (2, 0, 0)
    assert run.n_bytes == sum(map(len, by_name.values()))
    assert sorted(names(run)) == ["b.csv", "sky.csv"]
    assert {f.name: f.path.read_bytes() for f in batch.files.all()} == by_name
    assert {f.name: f.sha256 for f in batch.files.all()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in by_name.items()
    }
    assert (batch.source, batch.run, batch.state, batch.queue) == (
        Batch.Source.DISPATCH,
        run.pk,
        State.QUEUED,
        "heavy",
    )
    assert (batch.owner, batch.version, batch.bytes_total) == (
        admin,
        run.version,
        run.n_bytes,
    )
    assert batch.title == f"Nightly, {run.created_at:%Y-%m-%d %H:%M} UTC"
    event = Outbox.objects.get(kind="batch.collected")
    assert (event.about, event.who, event.detail["files"]) == (
        str(batch),
        str(admin.pk),
        2,
    )
    assert set(Intake.objects.values_list("sha256", "run", "schedule")) == {
        (file.sha256, run.pk, schedule.pk) for file in batch.files.all()
    }
    assert not list((storage / "tmp").iterdir())


def test_a_title_names_the_slot_that_the_run_serves(over, run_of):
    schedule = over()
    run = run_of(schedule)
    at = now().replace(hour=3, minute=0, second=0, microsecond=0)
    run.slot = schedule.slots.create(at=at)
    sources.of(schedule.source).collect(run, beat)

    assert run.batch.title == f"Nightly, {at:%Y-%m-%d} 03:00 UTC"


def test_what_was_collected_can_be_scored(over, take):
    run = take(over())
    scoring.classify(run.batch)

    run.batch.refresh_from_db()
    assert (run.batch.state, run.batch.n_scored) == (State.SUCCESS, 40)


def test_a_run_that_has_its_batch_keeps_to_it(over, take, folder):
    schedule = over()
    run = take(schedule)
    arrive(folder, "later.csv", seed=2)

    assert sources.of(schedule.source).collect(run, beat)
    assert names(run) == ["sky.csv"]
    assert Batch.objects.count() == 1


def test_the_next_run_takes_what_is_new_and_knows_the_rest(over, take, folder):
    schedule = over()
    take(schedule)
    nothing = take(schedule)
    arrive(folder, "later.csv", seed=2)
    (folder / "copy.csv").write_bytes((folder / "sky.csv").read_bytes())
    later = take(schedule)

    assert (nothing.batch, counts(nothing)) == (None, (0, 0, 1))
    assert (names(later), counts(later)) == (["later.csv"], (1, 0, 2))


def test_the_same_content_twice_in_a_run_is_taken_once(over, take, folder):
    (folder / "copy.csv").write_bytes((folder / "sky.csv").read_bytes())
    run = take(over())

    assert counts(run) == (1, 0, 1)


def test_another_schedule_takes_the_same_content_for_itself(over, take, storage):
    first, second = take(over("one")), take(over("two"))

    assert names(first) == names(second) == ["sky.csv"]
    assert len(list((storage / "uploads").iterdir())) == 1


def test_a_file_that_was_changed_is_new_again(over, take, folder):
    schedule = over()
    take(schedule)
    arrive(folder, "sky.csv", rows=41)
    run = take(schedule)

    assert (names(run), counts(run)) == (["sky.csv"], (1, 0, 0))


def test_known_files_are_not_opened_again(over, take, monkeypatch):
    schedule = over()
    take(schedule)

    def opened(*_, **__):
        raise AssertionError

    monkeypatch.setattr(collecting, "fetch", opened)
    assert counts(take(schedule)) == (0, 0, 1)


def test_a_touched_file_is_read_once_more_and_then_known(over, take, folder):
    schedule = over()
    take(schedule)
    (folder / "sky.csv").touch()
    before = Sighting.objects.get()
    run = take(schedule)
    after = Sighting.objects.get()

    assert counts(run) == (0, 0, 1)
    assert before.changed_ns < after.changed_ns
    assert before.sha256 == after.sha256 != ""


def test_what_left_the_folder_is_forgotten_and_known_when_it_comes_back(
    over, take, folder
):
    schedule = over()
    take(schedule)
    (folder / "sky.csv").rename(folder.parent / "sky.csv")
    assert counts(take(schedule)) == (0, 0, 0)
    assert not Sighting.objects.exists()

    (folder.parent / "sky.csv").rename(folder / "sky.csv")
    assert counts(take(schedule)) == (0, 0, 1)


def test_a_run_whose_batch_was_removed_takes_its_files_again(over, take, run_of):
    schedule = over()
    run = take(schedule)
    Batch.objects.all().delete()
    run.refresh_from_db()
    assert sources.of(schedule.source).collect(run, beat)

    assert (names(run), counts(run)) == (["sky.csv"], (1, 0, 0))
    assert Intake.objects.count() == 1


# Which files are meant


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"a.csv", "b.PHCX", "c.txt"}),
        ({"patterns": "*.csv *.phcx"}, {"a.csv", "b.PHCX"}),
        ({"patterns": ["?.txt"]}, {"c.txt"}),
        (
            {"patterns": "*.csv", "recursive": True},
            {"a.csv", "in/d.csv", "in/in/e.CSV"},
        ),
        ({"patterns": "in/*.csv", "recursive": True}, {"in/d.csv", "in/in/e.CSV"}),
        ({"patterns": "in/*.csv"}, set()),
        ({"patterns": "[ab].*"}, {"a.csv", "b.PHCX"}),
    ],
)
def test_patterns_say_which_files_are_meant(over, take, folder, values, expected):
    (folder / "sky.csv").unlink()
    (folder / "in" / "in").mkdir(parents=True)
    (folder / ".old").mkdir()
    every = ["a.csv", "b.PHCX", "c.txt", "in/d.csv", "in/in/e.CSV"]
    never = [".a.csv", ".old/f.csv", "g.csv.part", "h.TMP"]
    for place, name in enumerate([*every, *never]):
        arrive(folder, name, rows=10, seed=place)
    run = take(over(**values))

    assert set(names(run) if run.batch else []) == expected


def test_what_lies_beside_a_pfd_goes_with_it(over, take, folder):
    (folder / "sky.csv").unlink()
    for place, name in enumerate(
        ("a.pfd", "a.pfd.bestprof", "b.pfd", "c.pfd.bestprof")
    ):
        (folder / name).write_text(f"content {place}")
    schedule = over(patterns="*.pfd")
    run = take(schedule)

    # The last has no PFD, but by its name it belongs to one that is meant.
    assert sorted(names(run)) == ["a.pfd", "a.pfd.bestprof", "b.pfd", "c.pfd.bestprof"]
    assert counts(take(schedule)) == (0, 0, 4)


def test_a_pfd_waits_for_what_lies_beside_it(over, take, folder):
    (folder / "sky.csv").unlink()
    (folder / "a.pfd").write_text("whole")
    (folder / "a.pfd.bestprof").write_text("")
    schedule = over()
    assert counts(take(schedule)) == (0, 2, 0)

    (folder / "a.pfd.bestprof").write_text("whole too")
    assert names(take(schedule)) == ["a.pfd", "a.pfd.bestprof"]


def test_what_a_run_may_take_is_limited_and_the_oldest_come_first(
    over, take, folder, monkeypatch
):
    (folder / "sky.csv").unlink()
    for place in (3, 1, 2, 0, 4):
        arrive(folder, f"{place}.csv", rows=10, seed=place)
        time.sleep(0.002)  # so that their times differ
    monkeypatch.setattr(collecting, "MAX_FILES", 2)
    schedule = over()
    runs = [take(schedule) for _ in range(4)]

    assert [names(run) if run.batch else [] for run in runs] == [
        ["3.csv", "1.csv"],
        ["2.csv", "0.csv"],
        ["4.csv"],
        [],
    ]
    assert [counts(run) for run in runs] == [(2, 3, 0), (2, 1, 2), (1, 0, 4), (0, 0, 5)]
    assert runs[0].notes == ["3 more are whole and new; the next run takes them."]


def test_bytes_are_limited_too_but_one_file_is_always_taken(
    over, take, folder, reconfigured
):
    arrive(folder, "z.csv", rows=500, seed=1)
    reconfigured("showroom", max_upload_bytes=1024)
    schedule = over()

    assert [names(take(schedule)) for _ in range(2)] == [["sky.csv"], ["z.csv"]]


def test_a_backlog_is_taken_as_far_as_there_is_room(over, take, folder, monkeypatch):
    arrive(folder, "z.csv", seed=1)
    size = (folder / "sky.csv").stat().st_size
    monkeypatch.setattr(collecting.room, "spare", lambda: size)
    schedule = over()
    run = take(schedule)

    assert (names(run), counts(run)) == (["sky.csv"], (1, 1, 0))
    assert run.notes == ["1 more are whole and new; the disk has no room for them yet."]
    assert names(take(schedule)) == ["z.csv"]


def test_one_file_for_which_there_is_no_room_is_not_begun(
    over, run_of, folder, storage, reconfigured, monkeypatch
):
    size = (folder / "sky.csv").stat().st_size
    reconfigured("storage", reserve_bytes=10_000)
    monkeypatch.setattr(room, "free", lambda: 10_000 + size - 1)
    schedule = over()
    with pytest.raises(OSError, match=r"The disk is full: .* lacking") as refused:
        sources.of(schedule.source).collect(run_of(schedule), beat)

    assert refused.value.errno == errno.ENOSPC
    assert not (storage / "uploads").exists()


# Half-written files


def test_a_file_that_changed_a_moment_ago_waits_for_its_rest(
    over, take, folder, time_machine
):
    schedule = over(settle_seconds=60)
    waiting = take(schedule)
    assert (waiting.batch, counts(waiting)) == (None, (0, 1, 0))
    assert waiting.notes == ["Changed less than 60 s ago, so it waits: sky.csv."]

    time_machine.move_to(now() + timedelta(seconds=61))
    assert names(take(schedule)) == ["sky.csv"]


def test_a_copy_that_was_given_an_old_time_has_changed_all_the_same(over, take, folder):
    age(folder / "sky.csv", 3600)

    assert counts(take(over(settle_seconds=60))) == (0, 1, 0)


def test_where_the_other_clock_is_ahead_ours_counts(over, take, folder, time_machine):
    age(folder / "sky.csv", -86_400)
    schedule = over(settle_seconds=60)
    start = now()
    seen = []
    for seconds in (0, 59, 61):
        time_machine.move_to(start + timedelta(seconds=seconds))
        seen.append(take(schedule).n_files)

    assert seen == [0, 0, 1]


def test_a_file_that_grows_begins_its_rest_anew(over, take, folder, time_machine):
    schedule = over(settle_seconds=60)
    age(folder / "sky.csv", -86_400)
    take(schedule)
    start = now()
    arrive(folder, "sky.csv", rows=50)
    age(folder / "sky.csv", -86_400)
    seen = []
    for seconds in (61, 120, 122):
        time_machine.move_to(start + timedelta(seconds=seconds))
        seen.append(take(schedule).n_files)

    assert seen == [0, 0, 1]


def test_a_marker_says_that_a_file_is_whole(over, take, folder):
    arrive(folder, "other.csv", seed=1)
    (folder / "sky.csv.done").touch()
    schedule = over(marker=".done", settle_seconds=3600)
    run = take(schedule)

    assert (names(run), counts(run)) == (["sky.csv"], (1, 1, 0))
    assert run.notes == ["No .done beside it yet, so it waits: other.csv."]
    (folder / "other.csv.done").touch()
    assert names(take(schedule)) == ["other.csv"]


def test_an_empty_file_waits(over, take, folder):
    (folder / "empty.csv").touch()
    run = take(over())

    assert (names(run), counts(run)) == (["sky.csv"], (1, 1, 0))
    assert run.notes == ["Empty so far, so it waits: empty.csv."]


@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_file_that_changes_under_the_hand_waits(
    over, take, folder, monkeypatch, moment
):
    def grow() -> None:
        with (folder / "sky.csv").open("a") as file:
            file.write("1,2,3,4,5,6,7,8\n")

    real = getattr(fetching, "_copied" if moment == "while" else "_opened")

    def interfering(*given):
        grow()
        return real(*given)

    monkeypatch.setattr(fetching, real.__name__, interfering)
    arrive(folder, "still.csv", seed=1)
    schedule = over(patterns="sky.csv")
    run = take(schedule)

    assert (run.batch, counts(run)) == (None, (0, 1, 0))
    assert run.notes[0].startswith("Changed while it was")
    assert not Intake.objects.exists()
    monkeypatch.undo()
    assert names(take(schedule)) == ["sky.csv"]


# What cannot be read


def test_links_pipes_and_sockets_are_told_and_left(over, take, folder, tmp_path):
    (tmp_path / "secret.csv").write_text("not for you")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "s.csv"))
        run = take(over(recursive=True))

    assert names(run) == ["sky.csv"]
    assert sorted(run.notes) == [
        "Links are not followed: link.csv, round.",
        "Not a file that could be read to its end: pipe.csv, s.csv.",
    ]


def test_a_link_that_comes_in_place_of_a_file_or_a_folder_leads_nowhere(
    over, take, folder, tmp_path, monkeypatch
):
    (tmp_path / "secret").mkdir()
    arrive(tmp_path / "secret", "a.csv")
    (folder / "sky.csv").unlink()
    (folder / "in").mkdir()
    for place, name in enumerate(("in/a.csv", "b.csv")):
        arrive(folder, name, seed=place + 1)
    real = fetching._opened

    def swapped(found, root):
        if found.name == "in/a.csv":
            (folder / "in").rename(tmp_path / "was")
            (folder / "in").symlink_to(tmp_path / "secret")
        else:
            (folder / "b.csv").unlink()
            (folder / "b.csv").symlink_to(tmp_path / "secret" / "a.csv")
        return real(found, root)

    monkeypatch.setattr(fetching, "_opened", swapped)
    run = take(over(recursive=True))

    assert (run.batch, counts(run)) == (None, (0, 2, 0))
    assert run.notes == [
        "Replaced by something else while it was looked for: in/a.csv.",
        "Cannot be read (Too many levels of symbolic links): b.csv.",
    ]


def test_a_file_that_vanishes_is_told(over, take, folder, monkeypatch):
    real = fetching._opened

    def vanished(found, root):
        (folder / "sky.csv").unlink()
        return real(found, root)

    monkeypatch.setattr(fetching, "_opened", vanished)
    run = take(over())

    assert run.notes == ["Gone before it was read: sky.csv."]


def test_a_file_that_the_disk_cannot_read_is_told(over, take, folder, monkeypatch):
    class Broken:
        def read(self, _):
            raise OSError(errno.EIO, "Input/output error")

    real = fetching._read
    monkeypatch.setattr(fetching, "_read", lambda _: real(Broken()))
    run = take(over())

    assert run.notes == ["Cannot be read (Input/output error): sky.csv."]


def test_what_the_site_may_not_read_is_told(over, take, folder, monkeypatch):
    arrive(folder, "closed.csv", seed=1)
    (folder / "shut").mkdir()

    def refusing(call):
        # Root, as whom tests may run, is refused nothing.
        def called(path, *given, **named):
            if str(path).endswith(("/closed.csv", "/shut")):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return call(path, *given, **named)

        return called

    schedule = over(recursive=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing(os.open))
        patch.setattr(os, "scandir", refusing(os.scandir))
        run = take(schedule)

    assert (names(run), counts(run)) == (["sky.csv"], (1, 1, 0))
    assert run.notes == [
        "Cannot be opened (Permission denied): shut.",
        "Cannot be read (Permission denied): closed.csv.",
    ]
    assert names(take(schedule)) == ["closed.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "new\nline.csv",
        b"latin-\xe9.csv",
        "pulsar \U0001f4ab 脉冲星.csv",
        "<b>&amp;.csv",
        "'; drop table.csv",
        "x" * 251 + ".csv",
        "[1]*?.csv",
        "tab\t\x1b[31m.csv",
    ],
)
def test_a_file_may_have_any_name(over, take, folder, name):
    (folder / "sky.csv").rename(folder / os.fsdecode(name))
    schedule = over(patterns="*.csv")
    run = take(schedule)
    scoring.classify(run.batch)

    run.batch.refresh_from_db()
    assert (run.batch.state, run.batch.n_scored) == (State.SUCCESS, 40)
    (shown,) = names(run)
    assert shown.isprintable()
    assert shown.endswith(".csv")
    assert counts(take(schedule)) == (0, 0, 1)


def test_long_paths_keep_their_ends_and_belong_together(over, take, folder):
    (folder / "sky.csv").unlink()
    deep = folder.joinpath(*["d" * 100] * 3)
    deep.mkdir(parents=True)
    (deep / "a.pfd").write_text("one")
    (deep / "a.pfd.bestprof").write_text("two")
    pfd, beside = names(take(over(recursive=True)))

    assert (len(pfd), pfd[0], pfd[-6:]) == (246, "…", "/a.pfd")
    assert beside == f"{pfd}.bestprof"


def test_a_folder_that_is_gone_or_closed_is_told_in_words(over, run_of, folder):
    schedule = over()
    source = sources.of(schedule.source)
    run = run_of(schedule)
    assert source.check() == []
    folder.rename(folder.parent / "elsewhere")
    folder.write_text("")
    assert source.check() == [f"{folder} is no folder."]
    with pytest.raises(NotADirectoryError, match="is no folder"):
        source.collect(run, beat)
    folder.unlink()
    # It is made anew, as the site's own.
    assert source.check() == []
    schedule.source["folder"] = f"{folder}/deeper"
    with pytest.raises(FileNotFoundError, match="deeper is not there"):
        sources.of(schedule.source).collect(run, beat)
    assert sources.of(schedule.source).check() == [
        f"The folder {folder}/deeper is not there."
    ]
    schedule.source["folder"] = "/etc"
    assert "is not under an allowed folder" in sources.of(schedule.source).check()[0]


# Interruptions


def _nothing_is_taken(storage: Path) -> None:
    assert not Batch.objects.exists()
    assert not BatchFile.objects.exists()
    assert not Intake.objects.exists()
    assert not Outbox.objects.filter(kind="batch.collected").exists()
    assert not list((storage / "tmp").iterdir())


def test_a_full_disk_is_an_error_of_the_machine(over, run_of, storage, monkeypatch):
    schedule = over()
    run = run_of(schedule)

    def full():
        raise OSError(errno.ENOSPC, "The disk is full")

    monkeypatch.setattr(fetching.room, "check", full)
    with pytest.raises(OSError, match="The disk is full"):
        sources.of(schedule.source).collect(run, beat)
    _nothing_is_taken(storage)
    monkeypatch.undo()
    assert sources.of(schedule.source).collect(run, beat)


def test_more_than_the_site_keeps_is_refused_before_it_is_copied(
    over, run_of, storage, keep
):
    keep(uploads={"bytes": 100})
    schedule = over()
    with pytest.raises(OSError, match="keeps at most 100") as refused:
        sources.of(schedule.source).collect(run_of(schedule), beat)

    assert refused.value.errno == errno.EDQUOT
    assert not (storage / "uploads").exists()


@pytest.mark.parametrize("error", [Cancelled, LeaseLost])
def test_a_beat_that_says_stop_leaves_nothing(over, run_of, storage, error):
    schedule = over()

    def stop():
        if (storage / "tmp").exists():
            raise error

    with pytest.raises(error):
        sources.of(schedule.source).collect(run_of(schedule), stop)
    _nothing_is_taken(storage)


def test_who_has_lost_the_run_lists_nothing(over, run_of, storage, monkeypatch):
    schedule = over()
    run = run_of(schedule)
    at = collecting.crash.at

    def lost(step):
        if step == "collect.copied":
            Run.objects.filter(pk=run.pk).update(holder="another")
        at(step)

    monkeypatch.setattr(collecting.crash, "at", lost)
    with pytest.raises(LeaseLost):
        sources.of(schedule.source).collect(run, beat)
    _nothing_is_taken(storage)


@pytest.mark.parametrize("step", ["collect.copied", "collect.listed"])
def test_after_a_crash_the_next_worker_takes_the_same_files_once(
    over, run_of, storage, monkeypatch, step
):
    class Crash(BaseException):
        pass

    def crash(at):
        if at == step:
            raise Crash

    schedule = over()
    run = run_of(schedule)
    with monkeypatch.context() as patch:
        patch.setattr(collecting.crash, "at", crash)
        with pytest.raises(Crash):
            sources.of(schedule.source).collect(run, beat)
    run.refresh_from_db()
    assert bool(run.batch) == (step == "collect.listed")

    assert sources.of(schedule.source).collect(run, beat)
    assert (names(run), Batch.objects.count()) == (["sky.csv"], 1)


def test_bytes_that_go_before_they_are_named_are_kept_anew(
    over, run_of, storage, monkeypatch
):
    schedule = over()
    run = run_of(schedule)

    def removed(step):
        if step == "collect.copied":
            for file in (storage / "uploads").iterdir():
                file.unlink()

    monkeypatch.setattr(collecting.crash, "at", removed)
    sources.of(schedule.source).collect(run, beat)

    assert run.batch.files.get().path.is_file()


# Many files


def test_known_files_are_asked_for_in_one_query(over, take, run_of, folder):
    for place in range(300):
        (folder / f"{place}.csv").write_text(f"{place}")
    schedule = over()
    assert take(schedule).n_files == 301
    run, source = run_of(schedule), sources.of(schedule.source)
    with CaptureQueriesContext(connection) as queries:
        source.collect(run, beat)

    assert counts(run) == (0, 0, 301)
    assert len(queries) < 10


# Settings


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (None, "There is no source None; it is folder or table."),
        ([], "There is no source None; it is folder or table."),
        ({"kind": "ftp"}, "There is no source 'ftp'; it is folder or table."),
        ({"kind": ["folder"]}, "There is no source ['folder']; it is folder or table."),
        ({"kind": "folder"}, "folder: field required."),
        ({"folder": "/a", "pattern": "*"}, "pattern: there is no such setting."),
        ({"folder": "/a", "patterns": " "}, "patterns: say which files, as *.csv."),
        (
            {"folder": "/a", "patterns": "/a/*"},
            "patterns: they are about names below the folder, as *.csv or raw/*.pfd.",
        ),
        (
            {"folder": "/a", "settle_seconds": -1},
            "settle_seconds: input should be greater than or equal to 0.",
        ),
        (
            {"folder": "/a", "marker": "/x"},
            "marker: must be what is put behind a file's name, as .done.",
        ),
    ],
)
def test_settings_that_make_no_sense_are_told_in_words(values, words):
    if isinstance(values, dict) and "folder" in values:
        values = {"kind": "folder", **values}
    with pytest.raises(BadSettings) as refused:
        sources.of(values)

    assert str(refused.value) == words


def test_a_source_says_what_it_is():
    source = sources.of(
        {
            "kind": "folder",
            "folder": "/a",
            "patterns": "*.csv *.phcx",
            "recursive": True,
        }
    )

    assert source.words() == "*.csv, *.phcx in /a and the folders in it"


def test_a_folder_without_patterns_says_that_it_reads_every_file():
    source = sources.of({"kind": "folder", "folder": "/a"})
    assert source.words() == "every file in /a"
