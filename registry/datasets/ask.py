"""Ask for a dataset, or for labels to be brought in: the files kept, the build sent."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.utils.timezone import now

from accounts.models import User
from monitor import logs, room
from monitor.send import send
from monitor.work import Queue
from pulsar_ml.formats.table import Scratch
from pulsar_ml.loader import Source
from pulsar_ml.place import sync
from registry.datasets.disk import folder, settle, temporary
from registry.errors import CannotBuild
from registry.models import Build

# What a build's folder is called until its row is there.
COMING = ".coming-"


class Brought(NamedTuple):
    """A file that somebody brings: its name at theirs, and where it lies now."""

    name: str
    path: Path
    # It goes away by itself, so that its bytes need not be copied.
    temporary: bool = False


def ask(
    kind: Build.Kind,
    *,
    name: str,
    order: Mapping[str, Any],
    files: Mapping[str, Brought] | None = None,
    by: User | None,
    size: int = 0,
    send_it: bool = True,
) -> Build:
    """Put the build on record with its files, and have a worker do it.

    Small ones are done by those workers that are free soon: `size` in bytes says more
    than its files do, where it is none of them.
    """
    brought = dict(files or {})
    size += sum(_size(file) for file in brought.values())
    if reason := room.shortage(size):
        raise CannotBuild(f"{reason} Nothing was kept.")
    coming = folder("builds") / f"{COMING}{uuid4().hex}"
    coming.mkdir()
    try:
        kept = {key: keep(file, coming / key) for key, file in brought.items()}
        build = Build.objects.create(
            kind=kind,
            name=name[:100],
            order={**order, "files": kept},
            by=by,
            queue=_queue(size),
            request_id=logs.request_id.get(),
            sent_at=now(),
        )
        settle(coming, build.folder)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    if send_it:
        send(build)
    return build


def source(build: Build, key: str) -> Source | None:
    """One of its files, for the reader; None if it was not brought."""
    told = build.order["files"].get(key)
    if told is None:
        return None
    path = build.folder / key
    if not path.exists():
        raise CannotBuild(f"{told['name']} is not there any more: bring it again.")
    return Source(path, told["name"], scratch=Scratch(temporary(), room.check))


def _size(file: Brought) -> int:
    if not file.path.is_file():
        raise CannotBuild(f"There is no file {file.path}.")
    return file.path.stat().st_size


def keep(file: Brought, to: Path) -> dict[str, Any]:
    """Lay a file where the site keeps it; its name, size and hash."""
    if file.temporary:
        # A second name, as Django itself takes the temporary one away.
        to.hardlink_to(file.path)
    else:
        shutil.copyfile(file.path, to)
    sync(to)
    with to.open("rb") as kept:
        sha256 = hashlib.file_digest(kept, "sha256").hexdigest()
    return {"name": file.name[:255], "size": to.stat().st_size, "sha256": sha256}


def _queue(size: int) -> Queue:
    heavy = size > settings.PULSAR.showroom.interactive_bytes
    return Queue.HEAVY if heavy else Queue.INTERACTIVE
