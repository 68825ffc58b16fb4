"""Jobs announce themselves; the monitor acts on their rows and knows no other app."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from monitor.models import Job


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
    at_once: Sequence[str] = (),
) -> None:
    """Say in an AppConfig.ready() which command should run when; limits in seconds."""
    declared[slug] = Declared(
        cron, tuple(argv), page, sweep, start_within, finish_within, tuple(at_once)
    )


def sync() -> None:
    """Make the rows equal to what the apps declare."""
    for slug, job in declared.items():
        _put(slug, _values(job))
    Job.objects.filter(built_in=True).exclude(slug__in=declared).delete()


def _values(job: Declared) -> dict[str, Any]:
    return job._asdict() | {"argv": list(job.argv), "at_once": list(job.at_once)}


def _put(slug: str, values: dict[str, Any]) -> None:
    # At its new times nothing was expected before now.
    other = Job.objects.filter(slug=slug).exclude(cron=values["cron"])
    other.update(since=timezone.now())
    Job.objects.update_or_create(slug=slug, defaults=values)


def put(slug: str, job: Declared) -> None:
    """Announce a job that people made, or what has changed about it."""
    _put(slug, _values(job) | {"built_in": False})


def drop(slug: str) -> None:
    """Take back a job that people made."""
    Job.objects.filter(slug=slug, built_in=False).delete()
