"""Keep where a schedule goes on in a table, and which rows it may meet again."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.timezone import now

from dispatch.errors import DispatchError
from dispatch.models import Position, Run, Schedule
from pulsar_ml.place import sync
from showroom.storage import disk


class Moved(DispatchError):
    """Somebody has moved the position since it was looked at."""


def find(schedule: Schedule, source_sha256: str) -> Position | None:
    """Where the schedule goes on in what has this hash; None before its first row."""
    return schedule.positions.filter(source_sha256=source_sha256).first()


def seen(position: Position | None) -> Path | None:
    """The rows that the next run may meet again, if they are known."""
    if position is None or not position.seen:
        return None
    path = folder() / position.seen
    return path if path.is_file() else None


def place(file: Path) -> str:
    """Put a file of rows where positions have theirs; its new name, not named yet."""
    folder().mkdir(exist_ok=True)
    name = f"{uuid4().hex}.parquet"
    sync(file)
    file.replace(folder() / name)
    sync(folder())
    return name


def move(
    was: Position | None,
    schedule: Schedule,
    source_sha256: str,
    *,
    at: Mapping[str, Any],
    seen: str = "",
    run: Run | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Set the position, if nobody has moved it since; else `Moved`."""
    changes = {
        "at": dict(at),
        "seen": seen,
        "run": run,
        "before": dict(before or {}),
        "moved_at": now(),
    }
    if was is None:
        _begin(schedule, source_sha256, changes)
        return
    same = Position.objects.filter(pk=was.pk, moves=was.moves)
    if not same.update(**changes, moves=F("moves") + 1):
        raise Moved(_OVERTAKEN)


def tidy(*names: str) -> None:
    """Remove files of rows that no position names any more."""
    named = _named()
    for name in names:
        if name and name not in named:
            disk.drop(folder() / name)


def sweep(at: datetime) -> list[int]:
    """Remove those that were left by who was killed; the size of each."""
    named = _named()
    left = [
        file.path
        for file in disk.beside(folder())
        if file.name not in named and disk.is_old(file.changed, at)
    ]
    return disk.freed(partial(disk.drop, path) for path in left)


def folder() -> Path:
    """Where the rows lie that runs may meet again."""
    root: Path = settings.PULSAR.storage.root
    return root / "positions"


_OVERTAKEN = "Somebody has set meanwhile from where on it is to be read."


def _begin(schedule: Schedule, source_sha256: str, changes: Mapping[str, Any]) -> None:
    try:
        with transaction.atomic():
            Position.objects.create(
                schedule=schedule, source_sha256=source_sha256, **changes
            )
    except IntegrityError as error:
        raise Moved(_OVERTAKEN) from error


def _named() -> set[str]:
    """The names of all files that a position goes on with, or could again."""
    rows = Position.objects.values_list("seen", "before")
    return {name for seen, before in rows for name in (seen, before.get("seen", ""))}
