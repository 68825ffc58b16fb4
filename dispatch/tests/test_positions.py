"""Where reading goes on, and the rows that the next run may meet again."""

import os
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from dispatch.models import Position
from dispatch.positions import keep

pytestmark = pytest.mark.django_db


def file(folder, words="x"):
    path = folder / "seen"
    path.write_text(words)
    return path


def old(path):
    then = (now() - timedelta(days=2)).timestamp()
    os.utime(path, (then, then))


def test_the_first_to_move_it_wins(schedule):
    keep.move(None, schedule, "a" * 64, at={"shown": "key 1"})
    was = keep.find(schedule, "a" * 64)
    keep.move(was, schedule, was.source_sha256, at={"shown": "key 2"})

    with pytest.raises(keep.Moved, match="set meanwhile"):
        keep.move(was, schedule, was.source_sha256, at={"shown": "key 3"})
    with pytest.raises(keep.Moved):
        keep.move(None, schedule, was.source_sha256, at={"shown": "key 4"})
    found = Position.objects.get()
    assert (found.shown, found.moves) == ("key 2", 1)
    assert str(found) == "schedule nightly, goes on after key 2"


def test_a_file_is_placed_whole_and_goes_when_nobody_names_it(schedule, tmp_path):
    first = keep.place(file(tmp_path))
    second = keep.place(file(tmp_path))
    before = {"at": {}, "seen": second, "run": None}
    keep.move(None, schedule, "a" * 64, at={}, seen=first, before=before)
    keep.tidy(first, second, keep.place(file(tmp_path)), "")

    assert {path.name for path in keep.folder().iterdir()} == {first, second}
    assert keep.seen(keep.find(schedule, "a" * 64)).read_text() == "x"


def test_what_was_left_by_the_dead_goes_after_a_day(schedule, tmp_path):
    named, left, young = (keep.place(file(tmp_path)) for _ in range(3))
    keep.move(None, schedule, "a" * 64, at={}, seen=named)
    old(keep.folder() / named)
    old(keep.folder() / left)
    call_command("prune_runs")

    assert {path.name for path in keep.folder().iterdir()} == {named, young}


def test_a_file_that_is_lost_is_as_none(schedule):
    keep.move(None, schedule, "a" * 64, at={}, seen="lost.parquet")

    assert keep.seen(keep.find(schedule, "a" * 64)) is None
    assert keep.seen(None) is None
