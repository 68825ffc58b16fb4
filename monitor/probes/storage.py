"""Whether the site's folder has room, takes what is written, and how fast it fills."""

import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from monitor import room
from monitor.figures.thin import TEN_MINUTES
from monitor.models import Check, Mean
from monitor.probes.reading import Probe, Reading
from monitor.probes.steps import Steps

SLUG = "storage"
_BLOCK = 4096
# Over less time, what comes and goes would look like growth.
LEAST = timedelta(hours=6)
LOOKED_BACK = timedelta(days=7)
DAY = timedelta(days=1)


def probe() -> Probe:
    """The one storage of the site."""
    return Probe(SLUG, Check.Kind.STORAGE, "Storage", look)


def look(at: datetime | None = None) -> Reading:
    """Write a file for good, and measure what is left."""
    at = at or timezone.now()
    root: Path = settings.PULSAR.storage.root
    steps = Steps()
    try:
        with steps.step("write"):
            _write(root)
        with steps.step("measure"):
            disk = shutil.disk_usage(root)
    except OSError:
        return steps.failed({"root": str(root)})
    used = 1 - disk.free / disk.total
    reserve = settings.PULSAR.storage.reserve_bytes
    detail = {
        "root": str(root),
        "total": disk.total,
        "free": disk.free,
        "used": round(used, 4),
        "reserve": reserve,
        **_growth(disk.free, at),
        **steps.detail,
    }
    figures = {"storage.free": float(disk.free), "storage.used": used}
    state, words = _judge(disk.free, used)
    return Reading(state, words, detail, steps.took, figures)


def _write(folder: Path) -> None:
    """What only pretends to be written fails here."""
    number, name = tempfile.mkstemp(prefix=".look-", dir=folder)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(b"?" * _BLOCK)
            file.flush()
            os.fsync(file.fileno())
    finally:
        Path(name).unlink()


def _judge(free: int, used: float) -> tuple[Check.State, str]:
    if free < settings.PULSAR.storage.reserve_bytes:
        return Check.State.DOWN, room.words()
    words = f"{filesizeformat(free)} free, {100 * used:.0f}\N{NO-BREAK SPACE}% used"
    return Check.State.UP, words


def _growth(free: int, at: datetime) -> dict[str, Any]:
    """How much less room there is each day, by what was measured in the last week."""
    measured = Mean.objects.filter(span=TEN_MINUTES, name="storage.free")
    lately = measured.filter(at__gte=at - LOOKED_BACK, at__lte=at - LEAST)
    first = lately.order_by("at").first()
    if first is None:
        return {}
    a_day = (first.value - free) * (DAY / (at - first.at))
    left = free / a_day if a_day > 0 else None
    return {"growth_per_day": round(a_day), "days_left": left and round(left, 1)}
