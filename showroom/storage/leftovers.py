"""Files in a batch's folder that its ledger does not list: nobody reads them."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q

from monitor.work import ENDED
from showroom.models import Batch
from showroom.storage import disk

# Parts, rejects, and what was being written when its worker ended.
_OURS = re.compile(r"(part|rejects)-\d+-(?P<worker>\w+)\.parquet|\.writing-\w+")
# More than any ledger lists: a batch under way is left alone.
_MANY = 2**63


def of(batch: Batch, worker: str = "") -> list[Path]:
    """All of them; or only those that this worker finished and did not list."""
    ledger = batch.chunks.values_list("part", "rejects")
    listed = {name for names in ledger for name in names}
    return [
        file
        for file, by in _ours(batch.folder)
        if file.name not in listed and (not worker or by == worker[:8])
    ]


def remove(batch: Batch, worker: str = "") -> list[int]:
    """Give their room back; how much each took."""
    return [disk.drop(file) for file in of(batch, worker)]


def sweep(at: datetime, going: Collection[int], *, dry_run: bool) -> list[int]:
    """Remove those of every batch that has ended, and folders that belong to none.

    Batches that go as a whole are none of this.
    """
    root: Path = settings.PULSAR.storage.root
    known = set(Batch.objects.values_list("pk", flat=True))
    listed = _listed(but=going)
    gone: list[Path] = []
    for number, folder in disk.numbered(root / "scores"):
        if number in known and len(list(_ours(folder))) > listed.get(number, _MANY):
            # Should it be resumed in this moment: its worker lists a part at once.
            gone += (file for file in of(Batch(pk=number)) if disk.has_aged(file, at))
        elif number not in known and disk.has_aged(folder, at):
            gone.append(folder)
    return disk.freed(partial(disk.drop, path, dry_run=dry_run) for path in gone)


def _listed(but: Collection[int]) -> dict[int, int]:
    """How many files the ledger of each batch lists that has ended."""
    ended = Batch.objects.filter(state__in=ENDED).exclude(pk__in=but)
    parts = Count("chunks", filter=~Q(chunks__part=""))
    rejects = Count("chunks", filter=~Q(chunks__rejects=""))
    return dict(ended.values_list("pk").annotate(n=parts + rejects))


def _ours(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Such files of a folder, and the worker in each name."""
    for file in folder.glob("*"):
        if name := _OURS.fullmatch(file.name):
            yield file, name["worker"]
