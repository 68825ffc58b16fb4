"""Results in a folder: whole or not at all, and the very same when written again."""

import csv
import errno
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from astropy.table import Table
from django.utils.timezone import now

from conftest import require
from dispatch import sinks, sources
from dispatch.choose import BadSettings
from dispatch.errors import DispatchError
from dispatch.models import Run
from dispatch.sinks import files as writing
from monitor import claims
from monitor.work import Cancelled, LeaseLost, State
from showroom import classify as scoring
from showroom.downloads import watched
from showroom.forms import RowsForm
from showroom.tests.conftest import as_csv, every, simulate

pytestmark = pytest.mark.django_db


def beat() -> None:
    """Nothing stops it."""


@pytest.fixture
def outbox(storage) -> Path:
    """Where results go."""
    folder = storage / "outbox"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def run(schedule_over, folder, champion) -> Run:
    """A run of 39 scored rows and a reject, for the slot of three o'clock."""
    lines = as_csv(simulate(40)).splitlines()
    lines[7] = b"none," * 7 + b"none"
    (folder / "sky.csv").write_bytes(b"\n".join(lines))
    source = {"kind": "folder", "folder": str(folder), "settle_seconds": 0}
    schedule = schedule_over(source=source)
    made = Run.objects.create(schedule=schedule, version=champion)
    claims.claim(made)
    made.slot = schedule.slots.create(at=now().replace(2026, 11, 21, 3, 0, 0, 0))
    sources.of(source).collect(made, beat)
    scoring.classify(made.batch)
    made.batch.refresh_from_db()
    assert made.batch.state == State.SUCCESS
    return made


@pytest.fixture
def sink(outbox) -> Callable[..., writing.Files]:
    """Make a sink of a format in the outbox."""

    def make(kind: str = "csv") -> writing.Files:
        return sinks.of({"kind": "files", "folder": str(outbox), "format": kind})

    return make


def columns(path: Path) -> dict[str, list]:
    """The columns of a file by their names."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            header, *lines = csv.reader(file)
        return dict(zip(header, map(list, zip(*lines, strict=True)), strict=True))
    if path.suffix == ".parquet":
        with duckdb.connect() as opened:
            found = opened.execute("from read_parquet(?)", [str(path)])
            names = [name for name, *_ in found.description]
            cells = map(list, zip(*found.fetchall(), strict=True))
            return dict(zip(names, cells, strict=True))
    table = Table.read(path, format="fits" if path.suffix == ".fits" else "votable")
    return {name: table[name].tolist() for name in table.colnames}


def by_row() -> dict:
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    return form.cleaned_data


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_scores_only_leaves_everything_where_it_is(run, outbox):
    sink = sinks.of({"kind": "scores"})

    assert (sink.check(), sink.persist(run, beat), contents(outbox)) == ([], {}, {})
    assert sink.words() == "scores only, on the batch's page"


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("csv", "csv"), ("parquet", "parquet"), ("votable", "vot"), ("fits", "fits")],
)
def test_a_file_holds_every_row_in_the_order_of_the_input(
    run, sink, outbox, kind, suffix
):
    told = sink(kind).persist(run, beat)
    name = f"nightly-20261121T030000Z-batch{run.batch.pk}.{suffix}"
    path, rejects = outbox / name, outbox / f"{name}.rejects.csv"
    found = columns(path)
    expected = every(run.batch, by_row())

    assert told == {
        "path": str(path),
        "rows": 39,
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rejects": rejects.name,
        "rejected": 1,
    }
    assert [int(row) for row in found["row"]] == [row["row"] for row in expected]
    assert [float(p) for p in found["probability"]] == pytest.approx(
        [row["probability"] for row in expected]
    )
    assert set(found["model_version"]) == {str(run.version)}
    (reject,) = csv.DictReader(rejects.read_text().splitlines())
    assert (reject["row"], reject["file"]) == ("7", "sky.csv")
    assert {file.name for file in outbox.iterdir()} == {name, rejects.name}


@pytest.mark.parametrize("kind", ["csv", "parquet", "votable", "fits"])
def test_again_gives_the_same_bytes_under_the_same_name(
    run, sink, outbox, kind, time_machine
):
    first, there = sink(kind).persist(run, beat), contents(outbox)
    time_machine.move_to(now() + timedelta(days=1))
    Run.objects.filter(pk=run.pk).update(started_at=now(), attempts=3)
    run = Run.objects.get(pk=run.pk)
    run.slot = run.schedule.slots.get()

    assert sink(kind).persist(run, beat) == first
    assert contents(outbox) == there


def test_without_rejects_there_is_no_file_of_them_and_without_a_slot_the_start_counts(
    run, sink, outbox
):
    run.slot = None
    run.batch.chunks.update(rejects="")
    type(run.batch).objects.update(n_rejected=0)
    told = sink().persist(run, beat)

    name = f"nightly-{run.created_at:%Y%m%dT%H%M%SZ}-batch{run.batch.pk}.csv"
    assert list(contents(outbox)) == [name]
    assert set(told) == {"path", "rows", "bytes", "sha256"}


def test_a_run_without_a_batch_leaves_nothing(run, sink, outbox):
    run.batch = None

    assert sink().persist(run, beat) == {}
    assert contents(outbox) == {}


def test_others_see_a_file_whole_or_not_at_all(run, sink, outbox, monkeypatch):
    seen = []
    export = writing.export

    def looking(*given, **named):
        n_rows = export(*given, **named)
        seen.append([p.name for p in outbox.iterdir() if not p.name.startswith(".")])
        return n_rows

    monkeypatch.setattr(writing, "export", looking)
    sink().persist(run, beat)

    assert seen == [[]]


def test_a_beat_that_says_stop_leaves_nothing(run, sink, outbox, monkeypatch):
    monkeypatch.setattr(watched, "_BEAT_SECONDS", 0.05)

    def export(_batch, query, path, *_, **__):
        path.write_text("half")
        query.connection.execute("select sum(random()) from range(3_000_000_000)")

    def stop():
        if list(outbox.rglob("*.csv")):
            raise Cancelled("Cancelled on request.")

    monkeypatch.setattr(writing, "export", export)
    with pytest.raises(Cancelled):
        sink().persist(run, stop)
    assert list(outbox.iterdir()) == []


def test_what_a_killed_try_has_left_goes_with_the_next(run, sink, outbox):
    name = Path(sink().persist(run, beat)["path"]).name
    half = outbox / f".writing-run-{run.pk}-{name}-0badcafe"
    # Of another site that has a run of the same number.
    other = outbox / f".writing-run-{run.pk}-other.csv-0badcafe"
    forgotten = outbox / f".writing-run-{run.pk + 1}-other.csv-0badcafe"
    for left in (half, other, forgotten):
        left.mkdir()
        (left / "half.csv").write_text("half")
    os.utime(forgotten, (0, 0))
    sink().persist(run, beat)

    assert {path.name for path in outbox.iterdir()} == {
        name,
        f"{name}.rejects.csv",
        other.name,
    }


def test_a_try_that_was_overtaken_leaves_the_next_one_alone(run, sink, outbox):
    def overtaken():
        # The next one has begun meanwhile.
        names = [path.name for path in outbox.iterdir()]
        next_one = outbox / names[0].replace(run.holder[:8], "0badcafe")
        next_one.mkdir()
        raise LeaseLost("Another worker has taken it over.")

    with pytest.raises(LeaseLost):
        sink().persist(run, overtaken)
    assert [path.name[-9:] for path in outbox.iterdir()] == ["-0badcafe"]


@pytest.fixture
def small(tmp_path, reconfigured):
    """A folder on another disk, with 64 KB."""
    require(os.geteuid() == 0, "only root can mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
        capture_output=True,
        text=True,
    )
    require(mounted.returncode == 0, f"no disk can be mounted: {mounted.stderr}")
    reconfigured("dispatch", folders=(folder,))
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_full_disk_of_the_sink_is_an_error_of_the_machine(run, small, kind):
    filler = small / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 60 * 1024)
    sink = sinks.of({"kind": "files", "folder": str(small), "format": kind})
    with pytest.raises(OSError, match="No space left on device") as full:
        sink.persist(run, beat)

    assert (full.value.errno, full.value.filename) == (errno.ENOSPC, str(small))
    assert list(small.iterdir()) == [filler]
    filler.unlink()
    assert sink.persist(run, beat)["rows"] == 39


def test_a_folder_that_goes_while_it_is_written_is_told_by_its_own_name(
    run, sink, outbox
):
    with pytest.raises(FileNotFoundError) as gone:
        sink().persist(run, lambda: shutil.rmtree(outbox, ignore_errors=True))

    assert gone.value.filename == str(outbox)
    assert not outbox.exists()


def test_a_folder_that_cannot_be_written_is_told_in_words(
    run, sink, outbox, monkeypatch
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert sink().check() == [f"The site may not write into {outbox}."]
    with pytest.raises(PermissionError, match="may not write into"):
        sink().persist(run, beat)
    monkeypatch.undo()
    deeper = {"kind": "files", "folder": f"{outbox}/deeper"}
    assert sinks.of(deeper).check() == [f"The folder {outbox}/deeper is not there."]
    with pytest.raises(FileNotFoundError, match="deeper is not there"):
        sinks.of(deeper).persist(run, beat)
    (elsewhere,) = sinks.of({"kind": "files", "folder": "/etc"}).check()
    assert "is not under an allowed folder" in elsewhere


@pytest.mark.parametrize(
    ("source", "recursive", "sink", "refused"),
    [
        ("a", False, "a", True),
        ("a", True, "a/out", True),
        ("a", False, "a/out", False),
        ("a", True, "b", False),
        ("a/out", True, "a", False),
        ("link", False, "a", True),
        ("a", True, "a/later", True),
    ],
)
def test_a_schedule_never_reads_its_own_results(
    outbox, source, recursive, sink, refused
):
    (outbox / "a" / "out").mkdir(parents=True)
    (outbox / "b").mkdir()
    (outbox / "link").symlink_to(outbox / "a")
    read = sources.of(
        {"kind": "folder", "folder": f"{outbox}/{source}", "recursive": recursive}
    )
    written = sinks.of({"kind": "files", "folder": f"{outbox}/{sink}"})

    alone = written.check()
    assert bool(alone) == sink.endswith("later")
    assert (written.check(read) != alone) == refused
    if refused:
        assert "would read its own results" in written.check(read)[0]


def test_a_run_leaves_nothing_where_its_schedule_would_read_it(run, sink, outbox):
    run.schedule.source = {"kind": "folder", "folder": str(outbox)}
    with pytest.raises(DispatchError, match="would read its own results"):
        sink().persist(run, beat)

    assert contents(outbox) == {}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"kind": "tape"},
            "There is no sink 'tape'; it is scores or files or table or dataset.",
        ),
        ({"kind": "scores", "x": 1}, "x: there is no such setting."),
        ({"kind": "files"}, "folder: field required."),
        (
            {"kind": "files", "folder": "/a", "format": "xls"},
            "format: must be one of csv, parquet, votable, fits.",
        ),
    ],
)
def test_settings_that_make_no_sense_are_told_in_words(values, words):
    with pytest.raises(BadSettings) as refused:
        sinks.of(values)

    assert str(refused.value) == words


def test_a_sink_says_what_it_is(sink, outbox):
    assert sink("votable").words() == f"VOTable files in {outbox}"
