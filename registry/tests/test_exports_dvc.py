"""Exports in a DVC repository: as `dvc add` writes them, each by one commit."""

import fcntl
import subprocess
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from conftest import program
from monitor.workers import workers
from registry.dvc import place, programs
from registry.dvc.fill import fill
from registry.dvc.metadata import describe
from registry.exports.write import FILES
from registry.models import Export
from registry.tests.exporting import asked, label, model, worked
from registry.tests.killed import CRASHED, killed_at
from registry.tests.labels import events
from registry.tests.tables import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare(settings, tmp_path):
    """What `dvc init --no-scm` leaves."""
    root = tmp_path / "labels of the group"
    (root / ".dvc").mkdir(parents=True)
    (root / ".dvc" / "config").write_text("[core]\n    no_scm = True\n")
    configure(settings, dvc_repository=root)
    return root


@pytest.fixture
def repository(bare):
    """What `git init` and `dvc init` leave, committed."""
    (bare / ".dvc" / ".gitignore").write_text("/config.local\n/tmp\n/cache\n")
    git(bare, "init", "-q")
    git(bare, "add", ".")
    git(bare, *programs._author(), "commit", "-qm", "First")
    return bare


def configure(settings, **wanted) -> None:
    export = settings.PULSAR.export.model_copy(update=wanted)
    settings.PULSAR = settings.PULSAR.model_copy(update={"export": export})


def git(root, *words) -> str:
    words = [program("git"), *words]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commits(root) -> list[str]:
    return git(root, "log", "--format=%an <%ae> %s", "--reverse").splitlines()[1:]


def exported(n: int = 1) -> Export:
    """An export that has ended well, of one more label."""
    label(n)
    return worked(asked())


def seen(export: Export) -> Export:
    return Export.objects.select_related("model").get(pk=export.pk)


def test_a_folder_is_described_as_dvc_itself_described_it(tmp_path):
    # Recorded from `dvc add labels/pulsar/1` of DVC 3.67.1.
    folder = tmp_path / "1"
    folder.mkdir()
    (folder / "labels.csv").write_text("a,b\n1,2\n")
    (folder / "manifest.json").write_text('{"x": "é"}\n')
    (folder / "labels.parquet").write_text("hi\n")
    (folder / "gone.csv").write_text("")
    described = describe(folder)
    assert described.listing == (
        b'[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "gone.csv"}, '
        b'{"md5": "e5ebd4c02cefbe7955977c67ada242b7", "relpath": "labels.csv"}, '
        b'{"md5": "764efa883dda1e11db47671c4a3bbd9e", "relpath": "labels.parquet"}, '
        b'{"md5": "7575c3cce30d0e1b9c07e448dbd457e7", "relpath": "manifest.json"}]'
    )
    assert described.text(1) == (
        "outs:\n"
        "- md5: 299fc0a336848d30c22ad2b8ba092cf0.dir\n"
        "  size: 23\n"
        "  nfiles: 4\n"
        "  hash: md5\n"
        "  path: '1'\n"
    )


def test_files_cache_metadata_and_one_commit_are_in_the_repository(repository):
    export = exported()
    fill()
    done = seen(export)
    place_ = repository / "labels" / "pulsar" / "1"
    for name in FILES:
        assert (place_ / name).read_bytes() == (export.folder / name).read_bytes()
    described = describe(place_)
    told = repository / "labels" / "pulsar" / "1.dvc"
    assert told.read_text() == described.text(1)
    cached = repository / ".dvc" / "cache" / "files" / "md5"
    listing = described.md5
    contents = {
        digest: (place_ / n).read_bytes() for n, digest in described.hashes.items()
    }
    for digest, content in (contents | {listing: described.listing}).items():
        kept = cached / digest[:2] / digest[2:]
        assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (content, 0o444)
    assert len(files(cached)) == len(contents) + 1
    assert git(repository, "status", "--porcelain") == ""
    assert commits(repository) == [
        "pulsarsite <pulsarsite@localhost> Add export pulsar/1"
    ]
    shown = git(repository, "show", "--name-only", "--format=%b", "HEAD")
    assert shown.splitlines() == [
        "Labels: 1, of them pulsars: 1.",
        "",
        *(f"{one['sha256']}  {name}" for name, one in export.manifest["files"].items()),
        "",
        "",
        "labels/pulsar/.gitignore",
        "labels/pulsar/1.dvc",
    ]
    assert done.dvc_at
    assert (done.dvc_commit, done.dvc_note) == (
        git(repository, "rev-parse", "HEAD"),
        "",
    )
    [(_, about, _, detail)] = events("export.stored")
    assert (about, detail) == ("export pulsar/1", {"commit": done.dvc_commit})


def test_every_model_has_a_folder_and_every_export_a_commit(repository):
    exported(1)
    fill()
    exported(2)
    other = type(model()).objects.create(name="other")
    worked(Export.objects.create(model=other, number=1))
    fill()
    fill()
    assert [line.partition("> ")[2] for line in commits(repository)] == [
        "Add export pulsar/1",
        "Add export pulsar/2",
        "Add export other/1",
    ]
    ignored = repository / "labels" / "pulsar" / ".gitignore"
    assert ignored.read_text() == "/1\n/2\n"
    assert not Export.objects.waiting_for_dvc().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "point", ["dvc.cached", "dvc.placed", "dvc.described", "dvc.committed"]
)
def test_killed_anywhere_it_is_there_once_and_whole_in_the_end(repository, point):
    export = exported()
    assert killed_at(point, fill) == CRASHED
    fill()
    done = seen(export)
    assert (done.dvc_note, len(commits(repository))) == ("", 1)
    assert done.dvc_commit == git(repository, "rev-parse", "HEAD")
    assert git(repository, "status", "--porcelain") == ""
    assert set(files(repository / "labels")) == {
        "pulsar/.gitignore",
        "pulsar/1.dvc",
        *(f"pulsar/1/{name}" for name in FILES),
    }
    assert files(repository / place.DRAFTS) == ["lock"]


def test_what_others_have_changed_or_staged_stays_theirs(repository):
    (repository / "notes.txt").write_text("of ana")
    (repository / ".dvc" / "config").write_text("[core]\n    no_scm = False\n")
    git(repository, "add", "notes.txt")
    exported()
    fill()
    assert git(repository, "status", "--porcelain").splitlines() == [
        "M .dvc/config",
        "A  notes.txt",
    ]
    assert len(commits(repository)) == 1


def test_one_at_a_time_and_who_is_there_takes_the_others_along(repository):
    export = exported()
    drafts = repository / place.DRAFTS
    drafts.mkdir(parents=True)
    with (drafts / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        fill()
        waits = seen(export)
        assert not (repository / "labels").exists()
    assert (waits.dvc_at, waits.dvc_note) == (
        None,
        "It waits for another export to be brought in.",
    )
    assert not events("export.not_stored")
    fill()
    assert (seen(export).dvc_note, len(commits(repository))) == ("", 1)


def test_without_git_the_files_are_there_and_it_is_said(bare):
    export = exported()
    fill()
    done = seen(export)
    assert (bare / "labels" / "pulsar" / "1.dvc").exists()
    assert done.dvc_at
    assert (done.dvc_commit, done.dvc_note) == (
        "",
        "It is not committed: there is no git, or no git repository.",
    )


def test_a_site_without_a_repository_brings_nothing_anywhere():
    export = exported()
    fill()
    call_command("sweep_registry")
    assert (seen(export).dvc_at, seen(export).dvc_tried_at) == (None, None)


def test_a_folder_that_is_no_repository_is_said_once_and_tried_again(
    settings, tmp_path
):
    configure(settings, dvc_repository=tmp_path / "nowhere")
    export = exported()
    fill()
    fill()
    reason = f"{tmp_path}/nowhere is no DVC repository: dvc init makes one."
    assert (seen(export).dvc_at, seen(export).dvc_note) == (None, reason)
    [(_, about, _, detail)] = events("export.not_stored")
    assert (about, detail) == ("export pulsar/1", {"reason": reason})
    (tmp_path / "nowhere" / ".dvc").mkdir(parents=True)
    (tmp_path / "nowhere" / ".dvc" / "config").write_text("")
    fill()
    assert seen(export).dvc_at


def test_other_files_in_its_place_are_left_alone_and_the_next_is_brought_in(repository):
    taken = repository / "labels" / "pulsar" / "1"
    taken.mkdir(parents=True)
    (taken / "mine.txt").write_text("of ana")
    first, second = exported(1), exported(2)
    fill()
    assert files(taken) == ["mine.txt"]
    assert seen(first).dvc_note == (
        "labels/pulsar/1 in the repository holds other files already."
    )
    assert (bool(seen(second).dvc_at), len(commits(repository))) == (True, 1)


def test_a_disk_that_refuses_is_said_and_its_own_files_stay(repository):
    (repository / "labels").write_text("a file")
    export = exported()
    fill()
    assert seen(export).dvc_note == (
        f"It cannot be brought in ({repository}/labels/pulsar): Not a directory."
    )
    assert files(export.folder) == sorted(FILES)


def test_what_git_says_against_it_is_told(repository):
    (repository / ".git" / "index.lock").write_text("")
    export = exported()
    fill()
    assert seen(export).dvc_note.startswith(
        "It is in the repository; git refused: fatal: Unable to create"
    )
    (repository / ".git" / "index.lock").unlink()
    fill()
    assert (seen(export).dvc_note, len(commits(repository))) == ("", 1)


def test_a_cache_that_lies_elsewhere_is_found(bare, tmp_path):
    (bare / ".dvc" / "config.local").write_text(
        f"[cache]\n    dir = {tmp_path}/ours\n['remote \"x\"']\n    url = /100%\n"
    )
    exported()
    fill()
    assert len(files(tmp_path / "ours" / "files" / "md5")) == len(FILES) + 1
    assert not (bare / ".dvc" / "cache").exists()


def test_it_is_pushed_to_the_remote_that_is_named(repository, settings, tmp_path):
    said = tmp_path / "said"
    dvc = tmp_path / "dvc"
    dvc.write_text(f'#!/bin/sh\necho "$@" >> {said}\n[ -e {tmp_path}/up ] || exit 1\n')
    dvc.chmod(0o755)
    configure(settings, dvc_remote="store", dvc_program=str(dvc))
    export = exported()
    fill()
    assert (seen(export).dvc_at, seen(export).dvc_note) == (
        None,
        "It is in the repository; dvc push failed: exit 1",
    )
    (tmp_path / "up").touch()
    fill()
    assert (bool(seen(export).dvc_at), seen(export).dvc_note) == (True, "")
    assert said.read_text() == "push -q -r store labels/pulsar/1.dvc\n" * 2
    assert len(commits(repository)) == 1


def test_where_a_push_fails_the_others_are_committed_and_told_what_is_true(
    repository, settings, tmp_path
):
    said, dvc = tmp_path / "said", tmp_path / "dvc"
    dvc.write_text(f'#!/bin/sh\necho "$@" >> {said}\nexit 1\n')
    dvc.chmod(0o755)
    configure(settings, dvc_remote="store", dvc_program=str(dvc))
    exports = [exported(n) for n in (1, 2, 3)]
    fill()
    unpushed = (
        "It is in the repository; it is not pushed, as that has failed for"
        " export pulsar/1."
    )
    assert [(seen(one).dvc_at, seen(one).dvc_note) for one in exports] == [
        (None, "It is in the repository; dvc push failed: exit 1"),
        (None, unpushed),
        (None, unpushed),
    ]
    assert len(commits(repository)) == 3
    assert all(seen(one).dvc_commit for one in exports)
    assert said.read_text() == "push -q -r store labels/pulsar/1.dvc\n"


def test_where_there_is_no_dvc_nothing_is_pushed_and_it_is_said(repository, settings):
    configure(settings, dvc_remote="store", dvc_program="no-such-dvc")
    export = exported()
    fill()
    assert (bool(seen(export).dvc_at), seen(export).dvc_note) == (
        True,
        "It is not pushed: there is no DVC on this machine.",
    )


def test_a_program_that_hangs_is_ended(monkeypatch, tmp_path):
    assert programs._run(["sleep", "60"], tmp_path, 0.05) == (
        1,
        "",
        "sleep did not end within 0 s.",
    )


def test_the_sweep_has_a_worker_try_again_but_not_each_minute(
    bare, monkeypatch, capsys
):
    sent = []
    exported()
    monkeypatch.setattr(workers(), "send_task", lambda name, **_: sent.append(name))
    call_command("sweep_registry")
    call_command("sweep_registry")
    assert sent == ["registry.tasks.fill_repository"]
    assert "sent exports to the DVC repository again" in capsys.readouterr().out
    Export.objects.update(dvc_tried_at=now() - timedelta(minutes=11))
    call_command("sweep_registry")
    assert len(sent) == 2


def test_the_api_tells_where_it_is(repository, caller):
    export, program = exported(), caller("researcher")
    address = f"/api/v1/exports/{export.pk}"
    assert program.get(address).json()["dvc"] is None
    fill()
    assert program.get(address).json()["dvc"] == {
        "path": "labels/pulsar/1",
        "committed": True,
        "commit": git(repository, "rev-parse", "HEAD"),
        "note": "",
    }
