"""Take in the files that are whole and new: copies first, then all rows at once."""

import errno
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from dispatch.models import Intake, Run
from dispatch.sources import listed
from dispatch.sources.fetch import Left, fetch
from dispatch.sources.look import Look
from dispatch.sources.notes import Notes
from dispatch.sources.sightings import Sightings
from dispatch.sources.source import Beat
from dispatch.sources.units import Rest, Unit, units, whole
from monitor import claims, crash, room
from pulsar_ml.place import sync
from showroom import parts, receive
from showroom.receive import Stored
from showroom.storage import quota

# What a run takes in at most; the rest is for the next one.
MAX_FILES = 10_000
MAX_NOTES = 50
_AT_ONCE = 1_000


@dataclass
class _Haul:
    """What a run brings home."""

    files: list[Stored] = field(default_factory=list)
    # Content that is to be remembered, and by name what every file holds.
    contents: set[str] = field(default_factory=set)
    hashes: dict[str, str] = field(default_factory=dict)
    n_known: int = 0
    n_waiting: int = 0


class _Place(Protocol):
    """What must be known of a folder to take in its files."""

    @property
    def rest(self) -> Rest: ...

    def root(self) -> Path: ...

    def look(self, notes: Notes, beat: Beat) -> Look: ...


def collect(place: _Place, run: Run, beat: Beat) -> bool:
    """Whether there is anything; a run that has its batch keeps to it."""
    if run.batch_id:
        return True
    at, notes, haul = now(), Notes(), _Haul()
    there = place.look(notes, beat)
    seen = Sightings(run, at)
    found = units(there)
    fresh = [unit for unit in found if not seen.knows(unit.first)]
    haul.n_known = len(there.files) - sum(len(unit.files) for unit in fresh)
    since = {file.name: seen.since(file) for unit in fresh for file in unit.files}
    ready, waiting = whole(fresh, there, place.rest, since, at, notes)
    chosen = _chosen(ready)
    haul.n_waiting = sum(len(u.files) for u in (*waiting, *ready[len(chosen) :]))
    if left := len(ready) - len(chosen):
        notes.say(_next(left, chosen, ready))
    _admit(chosen)
    with tempfile.TemporaryDirectory(
        dir=parts.temporary(), prefix="collect-"
    ) as folder:
        _take(chosen, haul, run, place.root(), Path(folder), notes, beat)
        crash.at("collect.copied")
        _list(haul, run, notes.sentences()[:MAX_NOTES])
        crash.at("collect.listed")
        for file in haul.files:
            receive.look_again(file)
    # At last: what is known was taken in, so that nothing is forgotten by a crash.
    seen.keep(there, haul.hashes, beat)
    notes.log()
    return bool(haul.files)


def _chosen(ready: list[Unit]) -> list[Unit]:
    """As many of the oldest as one run may take, though one at least."""
    most = min(settings.PULSAR.showroom.max_upload_bytes, room.spare())
    n_files = n_bytes = 0
    for place, unit in enumerate(ready):
        n_files += len(unit.files)
        n_bytes += unit.size
        if place and (n_files > MAX_FILES or n_bytes > most):
            return ready[:place]
    return ready


def _next(left: int, chosen: list[Unit], ready: list[Unit]) -> str:
    more = f"{left:,} more are whole and new"
    if _size(ready[: len(chosen) + 1]) > room.spare():
        return f"{more}; the disk has no room for them yet."
    return f"{more}; the next run takes them."


def _size(some: list[Unit]) -> int:
    return sum(unit.size for unit in some)


def _admit(chosen: list[Unit]) -> None:
    """Refuse more than the site keeps, before anything of it is copied."""
    size = _size(chosen)
    if chosen and (reason := quota.why_not(size)):
        raise OSError(errno.EDQUOT, reason)
    if chosen and (lacking := room.shortage(size)):
        raise OSError(errno.ENOSPC, lacking)


def _take(
    chosen: list[Unit],
    haul: _Haul,
    run: Run,
    root: Path,
    into: Path,
    notes: Notes,
    beat: Beat,
) -> None:
    for unit in chosen:
        copies = []
        try:
            for file, name in zip(unit.files, unit.names(), strict=True):
                copies.append(fetch(file, name, root, into, beat))
        except Left as reason:
            notes.add(str(reason), unit.first.name)
            haul.n_waiting += len(unit.files)
            continue
        for file, copy in zip(unit.files, copies, strict=True):
            haul.hashes[file.name] = copy.sha256
        if copies[0].sha256 in haul.contents or _is_known(copies[0], run):
            haul.n_known += len(copies)
            continue
        for copy in copies:
            receive.keep(copy)
        haul.files += copies
        haul.contents.update(copy.sha256 for copy in copies)
    if haul.files:
        sync(receive.folder())


def _is_known(file: Stored, run: Run) -> bool:
    taken = Intake.objects.filter(schedule=run.schedule_id, sha256=file.sha256)
    return taken.exclude(run=run).exists()


def _list(haul: _Haul, run: Run, notes: list[str]) -> None:
    """Name everything in one transaction; without it nothing was taken in."""
    counts = {
        "n_files": len(haul.files),
        "n_bytes": sum(file.size for file in haul.files),
        "n_waiting": haul.n_waiting,
        "n_known": haul.n_known,
        "notes": notes,
    }
    taken = [
        Intake(schedule_id=run.schedule_id, run=run, sha256=sha256)
        for sha256 in sorted(haul.contents)
    ]
    with transaction.atomic():
        batch = listed.batch(haul.files, run) if haul.files else None
        # Who has lost the run leaves no trace.
        claims.keep(run, batch=batch, **counts)
        # What lies beside a PFD may have been taken in before.
        Intake.objects.bulk_create(taken, batch_size=_AT_ONCE, ignore_conflicts=True)
    run.refresh_from_db(fields=["batch", *counts])
