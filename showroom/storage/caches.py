"""What the site can make again, or was writing when it was killed."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q

from monitor.work import State
from showroom.models import Download
from showroom.storage import disk
from showroom.storage.remove import empty_download


class Item(NamedTuple):
    """Something that may go: since when it is there, what it takes, and how it goes."""

    since: float
    size: int
    drop: Callable[[], int]


def pictures(at: datetime, *, dry_run: bool) -> list[int]:
    """Remove drawn plots as retention has it; they are drawn again when needed."""
    drawn = (file for file in disk.within(_root() / "plots") if not file.is_unfinished)
    items = (_of_file(file) for file in drawn)
    return _drop(
        _beyond(items, settings.PULSAR.retention.pictures, at), dry_run=dry_run
    )


def downloads(at: datetime, going: Collection[int], *, dry_run: bool) -> list[int]:
    """Remove prepared files as retention has it; they can be prepared again.

    Those of batches that go as a whole are none of this.
    """
    there = Download.objects.filter(state=State.SUCCESS, size__gt=0)
    kept = settings.PULSAR.retention.downloads
    items = map(_of_download, there.exclude(batch__in=going))
    beyond = _beyond(items, kept, at)
    return _drop([*beyond, *_nobodys(at)], dry_run=dry_run)


def temporary(at: datetime, *, dry_run: bool) -> list[int]:
    """Remove what killed processes had begun to write."""
    begun = [*disk.heaps(_root() / "tmp"), *disk.heaps(_root() / "incoming")]
    for folder in ("plots", "downloads"):
        begun += [one for one in disk.within(_root() / folder) if one.is_unfinished]
    old = [_of_file(file) for file in begun if disk.is_old(file.changed, at)]
    return _drop(old, dry_run=dry_run)


def _beyond(items: Iterable[Item], kept: Any, at: datetime) -> list[Item]:
    """Those older than is allowed, and the oldest of what is more than allowed."""
    first = (at - timedelta(days=kept.days)).timestamp() if kept.days else 0
    total, going = 0, []
    for item in sorted(items, key=lambda one: -one.since):
        total += item.size
        if item.since < first or (kept.bytes and total > kept.bytes):
            going.append(item)
    return going


def _drop(items: Iterable[Item], *, dry_run: bool) -> list[int]:
    if dry_run:
        return [item.size for item in items]
    return disk.freed(item.drop for item in items)


def _nobodys(at: datetime) -> Iterator[Item]:
    """Folders of no download that could be fetched: its worker or a removal died."""
    has_file = Q(state=State.SUCCESS, size__gt=0)
    known = Download.objects.under_way() | Download.objects.filter(has_file)
    numbers = set(known.values_list("pk", flat=True))
    for number, folder in disk.numbered(_root() / "downloads"):
        if number not in numbers and disk.has_aged(folder, at):
            yield Item(0, disk.size(folder), partial(disk.drop, folder))


def _of_file(file: disk.File) -> Item:
    return Item(file.changed, file.size, partial(disk.drop, file.path))


def _of_download(download: Download) -> Item:
    assert download.finished_at  # noqa: S101  # only those that ended are asked for
    since = download.finished_at.timestamp()
    return Item(since, download.size, partial(empty_download, download))


def _root() -> Path:
    root: Path = settings.PULSAR.storage.root
    return root
