"""Remove the logs that retention gives up; the runs themselves stay."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.conf import settings

from dispatch.models import Run
from dispatch.runs.tail import folder
from monitor.work import ENDED
from showroom.storage import disk

_AT_ONCE = 1_000
_NAME = re.compile(r"([1-9][0-9]{0,17})\.log")


class _Log(NamedTuple):
    """A log that nobody writes any more, and since when."""

    ended: float
    file: disk.File


def prune(at: datetime) -> list[int]:
    """Remove the logs of runs that ended long ago; the size of each that went."""
    going = list(_beyond(sorted(_ended(), reverse=True), at))
    return disk.freed(partial(disk.drop, log.file.path) for log in going)


def _beyond(logs: list[_Log], at: datetime) -> Iterator[_Log]:
    """Those older than is allowed, and the oldest of what is more than allowed."""
    kept = settings.PULSAR.retention.logs
    first = (at - timedelta(days=kept.days)).timestamp() if kept.days else 0
    total = 0
    for log in logs:
        total += log.file.size
        if log.ended < first or (kept.bytes and total > kept.bytes):
            yield log


def _ended() -> Iterator[_Log]:
    found = ((_NAME.fullmatch(file.name), file) for file in disk.beside(folder()))
    logs = [(int(name[1]), file) for name, file in found if name]
    for begin in range(0, len(logs), _AT_ONCE):
        some = logs[begin : begin + _AT_ONCE]
        known = Run.objects.in_bulk([number for number, _ in some])
        for number, file in some:
            run = known.get(number)
            if run is None:
                yield _Log(file.changed, file)  # its row went with its schedule
            elif run.state in ENDED and run.finished_at:
                yield _Log(run.finished_at.timestamp(), file)
