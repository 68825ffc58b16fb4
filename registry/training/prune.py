"""Remove the files of trainings that retention gives up; the rows stay."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from monitor.work import State
from registry.models import TrainingRun
from registry.training import files

_GIVEN_UP = (State.FAILED, State.CANCELLED)


def prune(at: datetime) -> list[int]:
    """Bytes freed of each training: all files of failed ones that ended long ago.

    Of those that succeeded, what a worker was killed over before it could remove it.
    """
    folders = {int(path.name): path for path in _folders()}
    runs = TrainingRun.objects.in_bulk(list(folders))
    freed = [_freed(path, runs.get(pk), at) for pk, path in folders.items()]
    return [size for size in freed if size]


def _folders() -> Iterator[Path]:
    root: Path = settings.PULSAR.storage.root / "training"
    if root.is_dir():
        yield from (path for path in root.iterdir() if path.name.isdecimal())


def _freed(path: Path, run: TrainingRun | None, at: datetime) -> int:
    if run is None:
        return 0  # its row is in another database, or not written yet
    if run.state == State.SUCCESS:
        return files.tidy(run)
    days = settings.PULSAR.retention.logs.days
    if not days or run.state not in _GIVEN_UP or run.finished_at is None:
        return 0
    if run.finished_at > at - timedelta(days=days):
        return 0
    return files.remove(path)
