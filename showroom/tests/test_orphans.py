"""Uploads that no batch needs go; those of an upload in this very moment never."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from showroom.models import BatchFile
from showroom.storage import orphans
from showroom.tests.conftest import stored

pytestmark = pytest.mark.django_db

CONTENT = b"the very same bytes"


def age(path, days):
    then = (now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


@pytest.fixture
def uploads(storage):
    return storage / "uploads"


@pytest.fixture
def old(uploads):
    """An upload of two days ago, whose batch was removed."""
    file = stored("a.csv", CONTENT)
    path = uploads / file.sha256
    age(path, 2)
    return path


def remove(dry_run=False):
    needed = BatchFile.objects.filter(removed_at=None)
    return orphans.remove(now(), needed, dry_run=dry_run)


def test_what_no_batch_needs_goes_after_a_day(uploads, old, batch):
    batch(5)
    for path in uploads.iterdir():
        age(path, 2)
    young = stored("b.csv", b"of this hour").sha256

    assert remove(dry_run=True) == [len(CONTENT)]
    assert remove() == [len(CONTENT)]
    needed = BatchFile.objects.get().sha256
    assert {path.name for path in uploads.iterdir()} == {needed, young}
    assert remove() == []


def test_an_upload_of_old_bytes_makes_them_young_again(uploads, old):
    assert stored("again.csv", CONTENT).sha256 == old.name

    assert remove() == []
    assert old.read_bytes() == CONTENT


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_upload_beside_the_rename_keeps_its_bytes(uploads, old, monkeypatch, when):
    rename = Path.rename

    def meanwhile(path, target):
        if when == "before":
            stored("again.csv", CONTENT)
        rename(path, target)
        if when == "after":
            stored("again.csv", CONTENT)

    monkeypatch.setattr(Path, "rename", meanwhile)
    remove()

    assert [path.name for path in uploads.iterdir()] == [old.name]
    assert old.read_bytes() == CONTENT


def test_an_upload_finds_its_bytes_moved_away_while_it_looks(old, monkeypatch):
    utime = os.utime

    def moved(path, *times):
        monkeypatch.setattr(os, "utime", utime)
        Path(path).rename(old.with_name(".pruning-x"))
        utime(path, *times)

    monkeypatch.setattr(os, "utime", moved)
    stored("again.csv", CONTENT)

    assert old.read_bytes() == CONTENT


def test_what_a_killed_run_left_aside_is_put_back_or_taken(
    uploads, old, batch, monkeypatch
):
    needed = batch(5).files.get().path
    before = needed.read_bytes()
    for path in (needed, old):
        path.rename(path.with_name(f".pruning-{path.name}"))

    assert remove() == [len(CONTENT)]
    assert [path.name for path in uploads.iterdir()] == [needed.name]
    assert needed.read_bytes() == before


def test_what_another_run_took_first_is_not_counted(old, monkeypatch):
    rename = Path.rename

    def taken(path, target):
        path.unlink()
        rename(path, target)

    monkeypatch.setattr(Path, "rename", taken)
    assert remove() == []


def test_many_uploads_are_looked_up_some_at_a_time(uploads, monkeypatch):
    monkeypatch.setattr(orphans, "_AT_ONCE", 2)
    for number in range(5):
        age(uploads / stored("x", b"%d" % number).sha256, 2)

    assert remove() == [1] * 5
    assert list(uploads.iterdir()) == []
