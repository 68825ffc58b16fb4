"""What is known of every job, read in few queries for all of them."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from monitor import people
from monitor.clock.due import enabled
from monitor.crontab import lines
from monitor.crontab.errors import CrontabError
from monitor.models import Check, Job, Skip, Start, Switch
from monitor.starts import process, vanished

logger = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_Outcome = Start.Outcome
_ENDED = (_Outcome.SUCCEEDED, _Outcome.FAILED)


class Record(NamedTuple):
    """One job: its line, its switch, its starts, and how it was judged before."""

    job: Job
    # As its line has it, by whomever that was written.
    cron: str
    # Nothing was expected of it before.
    since: datetime
    paused: Switch | None
    paused_by: str
    last: Start | None
    # The last that did its work, or failed at it.
    result: Start | None
    success: Start | None
    at_work: list[Start]
    skipped: frozenset[datetime]
    before: dict[str, Any]
    looked_at: datetime | None


def records(at: datetime) -> list[Record]:
    """Every job with a line of its own."""
    at_work = _by_job(vanished.close(at))
    jobs = list(_jobs(at))
    starts = Start.objects.in_bulk(
        {pk for job in jobs for pk in (job.last, job.result, job.success) if pk}
    )
    switches = Switch.objects.in_bulk({job.switch for job in jobs if job.switch})
    names = people.names(switches.values())
    skips = _by_job(Skip.objects.filter(slot__lte=at))
    checks = {one.slug: one for one in Check.objects.filter(kind=Check.Kind.JOB)}
    edited = _edited()
    found = []
    for job in jobs:
        switch = switches.get(job.switch)
        check = checks.get(f"job-{job.slug}")
        by = names.get(switch.who, switch.who) if switch else ""
        found.append(
            Record(
                job,
                edited.get(job.slug, job.cron),
                max(job.since, switch.at) if switch else job.since,
                switch if switch and not switch.on else None,
                by or "the site",
                starts.get(job.last),
                starts.get(job.result),
                starts.get(job.success),
                _still(at_work[job.slug], starts.get(job.result)),
                frozenset(skip.slot for skip in skips[job.slug]),
                check.detail if check else {},
                check.looked_at if check else None,
            )
        )
    return found


def _jobs(at: datetime) -> QuerySet[Any]:
    """The jobs with the numbers of their last rows: one seek each, however many."""
    # One of the future was written before the clock was put back.
    mine = Start.objects.filter(job=OuterRef("slug"), at__lte=at + _MINUTE)
    switched = Switch.objects.filter(job=OuterRef("slug"), at__lte=at + _MINUTE)
    return (
        Job.objects.filter(sweep=False)
        .order_by("slug")
        .annotate(
            last=_newest(mine),
            result=_newest(mine.filter(outcome__in=_ENDED)),
            success=_newest(mine.filter(outcome=_Outcome.SUCCEEDED)),
            switch=_newest(switched),
        )
    )


def _newest(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by("-at", "-pk").values("pk")[:1])


def _still(at_work: list[Start], result: Start | None) -> list[Start]:
    """Without those of other machines that a later one has outlived."""
    return [
        start
        for start in at_work
        if result is None or start.host == process.here() or start.at > result.at
    ]


def _by_job(rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.job].append(row)
    return found


def _edited() -> dict[str, str]:
    """The times of the lines that somebody has changed by hand."""
    try:
        found = lines.found()
    except CrontabError as error:
        logger.warning("The crontab could not be read: %s", error)
        return {}
    changed = {
        slug: enabled(one.line) for slug, one in found.items() if one.state == "edited"
    }
    return {slug: line[0].cron for slug, line in changed.items() if line}
