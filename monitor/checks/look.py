"""Look at everything at once, and keep what is found."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from monitor.checks.gather import Looks, Subject, gather
from monitor.checks.jobs import judge
from monitor.checks.store import store
from monitor.models import Check
from monitor.probes import child
from monitor.probes.reading import Reading

# Without it no reading can be kept.
KEEPER = "database-default"
_JOB = f"{Check.Kind.JOB}-"


class Unknown(Exception):
    """Nothing of that name is looked at; the message says which."""


class NotKept(Exception):
    """It was looked, and the readings could not be kept; the message says why."""

    def __init__(self, why: str, found: list["Found"]) -> None:
        super().__init__(f"The readings could not be kept: {why}")
        self.found = found


class Found(NamedTuple):
    """One thing, and how it was found."""

    subject: Subject
    reading: Reading


def look(
    slugs: Collection[str] | None = None, at: datetime | None = None
) -> list[Found]:
    """Look at all but the jobs, or at what is named; seconds, whatever hangs."""
    at = at or timezone.now()
    looks = gather()
    if slugs is None:
        found = _look(looks, at)
        _forget({subject.slug for subject, _ in found})
        return found
    jobs = {slug for slug in slugs if slug.startswith(_JOB)}
    chosen = _chosen(looks, {*slugs} - jobs)
    return [*_look(chosen, at), *(judged(jobs) if jobs else [])]


def judged(slugs: Collection[str] | None = None) -> list[Found]:
    """How all jobs are now, or those that are named."""
    judge(timezone.now())
    checks = Check.objects.filter(kind=Check.Kind.JOB).order_by("slug")
    found = {check.slug: _as_kept(check) for check in checks}
    if unknown := sorted(set(slugs or ()) - set(found)):
        raise Unknown(f"There is no job of the name {', '.join(unknown)}.")
    return [found[slug] for slug in found if slugs is None or slug in slugs]


def _as_kept(check: Check) -> Found:
    subject = Subject(check.slug, Check.Kind.JOB, check.name, check.depends)
    state = Check.State(check.state)
    return Found(subject, Reading(state, check.summary, check.detail, check.took or 0))


def _look(looks: Looks, at: datetime) -> list[Found]:
    # What is open here would be open in each child.
    close_old_connections()
    readings = child.run(looks.tasks())
    subjects = looks.subjects().values()
    found = [Found(subject, readings[subject.slug]) for subject in subjects]
    _refuse_without_a_keeper(found)
    try:
        for (slug, kind, name, depends), reading in found:
            store(slug, kind, name, reading, depends, at)
    except DatabaseError as error:
        # A connection that broke stays broken until it is closed.
        connections["default"].close()
        raise NotKept(str(error), found) from error
    return found


def _chosen(everything: Looks, slugs: Collection[str]) -> Looks:
    chosen = everything.only(slugs)
    if unknown := sorted(set(slugs) - set(chosen.subjects())):
        raise Unknown(f"Nothing is looked at by the name {', '.join(unknown)}.")
    return chosen


def _refuse_without_a_keeper(found: list[Found]) -> None:
    """Not to wait a second time for a database that has just been found to hang."""
    for subject, reading in found:
        if subject.slug == KEEPER and reading.state == Check.State.DOWN:
            raise NotKept(f"{subject.name}: {reading.summary}", found)


def _forget(subjects: Collection[str]) -> None:
    """What has gone from the configuration is looked at no more."""
    mine = Check.objects.exclude(kind=Check.Kind.JOB)
    mine.exclude(slug__in=list(subjects)).delete()
