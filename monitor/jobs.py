"""Jobs announce themselves; the monitor acts on their rows and knows no other app."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from monitor.events import record
from monitor.models import Job, Ping

logger = logging.getLogger(__name__)


class Declared(NamedTuple):
    """A job as its app describes it."""

    cron: str
    argv: tuple[str, ...]
    page: str
    sweep: bool
    start_within: int
    finish_within: int
    # What the command is told besides when a person wants it at once.
    at_once: tuple[str, ...] = ()


declared: dict[str, Declared] = {}


def declare(
    slug: str,
    *,
    cron: str,
    argv: Sequence[str],
    page: str,
    sweep: bool = False,
    start_within: int = 300,
    finish_within: int = 3600,
) -> None:
    """Say in an AppConfig.ready() which command should run when; limits in seconds."""
    declared[slug] = Declared(
        cron, tuple(argv), page, sweep, start_within, finish_within
    )


def sync() -> None:
    """Make the rows equal to what the apps declare."""
    for slug, job in declared.items():
        values = _values(job)
        Job.objects.update_or_create(slug=slug, defaults=values)
    Job.objects.filter(built_in=True).exclude(slug__in=declared).delete()


def _values(job: Declared) -> dict[str, Any]:
    return job._asdict() | {"argv": list(job.argv), "at_once": list(job.at_once)}


def put(slug: str, job: Declared) -> None:
    """Announce a job that people made, or what has changed about it."""
    values = _values(job) | {"built_in": False}
    Job.objects.update_or_create(slug=slug, defaults=values)


def drop(slug: str) -> None:
    """Take back a job that people made."""
    Job.objects.filter(slug=slug, built_in=False).delete()


@contextmanager
def watch(slug: str) -> Iterator[None]:
    """Leave signs of life around a run; a failure is noted and goes on its way."""
    begun = time.monotonic()
    # Not update_or_create: several at once would lock each other in MariaDB.
    Ping.objects.get_or_create(slug=slug)
    Ping.objects.filter(slug=slug).update(started_at=timezone.now())
    try:
        yield
    except (Exception, SystemExit) as error:
        _ended(slug, "failed", begun, f"{type(error).__name__}: {error}"[:500])
        raise
    _ended(slug, "succeeded", begun, "")


def _ended(slug: str, how: str, begun: float, detail: str) -> None:
    failing = how == "failed"
    signs: dict[str, Any] = {
        f"{how}_at": timezone.now(),
        "duration": time.monotonic() - begun,
        "detail": detail,
    }
    ping = Ping.objects.filter(slug=slug)
    with transaction.atomic():
        ping.update(**signs)
        # Once a change, not each minute; the row count says who saw it first.
        flipped = ping.filter(failing=not failing).update(failing=failing)
        if flipped and failing:
            record("job.failed", about=f"job {slug}", error=detail)
        elif flipped:
            record("job.recovered", about=f"job {slug}")
