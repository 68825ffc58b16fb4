"""The jobs as a list: how each is, its last start, its next slot, and its switch."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db.models import OuterRef, Subquery

from monitor.checks.board import Look
from monitor.clock.cron import BadCron, clock_zone, upcoming
from monitor.crontab.lines import Found
from monitor.models import Check, Job, Ping, Skip, Start, Switch

_Row = TypeVar("_Row", Start, Switch)
NOTHING: Mapping[str, Found] = {}


class Line(NamedTuple):
    """One job of the list."""

    job: Job
    look: Look | None
    start: Start | None
    ping: Ping | None
    # Seconds, from and to: so long its last runs took, nearly all of them.
    usual: tuple[float, float] | None
    next: datetime | None
    is_left_out: bool
    # The last, where it is off.
    paused: Switch | None
    # What the crontab says, for who has looked.
    found: Found | None

    @property
    def state(self) -> str:
        return self.look.check.state if self.look else Check.State.NEW


def in_order(jobs: Iterable[Job], looks: Mapping[str, Look]) -> list[Job]:
    """What is worst first; of the others those without a line of their own last."""

    def rank(job: Job) -> tuple[int, bool, str]:
        look = looks.get(f"job-{job.slug}")
        return look.rank[0] if look else len(Check.State), job.sweep, job.slug

    return sorted(jobs, key=rank)


def roster(
    jobs: Iterable[Job],
    looks: Mapping[str, Look],
    at: datetime,
    found: Mapping[str, Found] = NOTHING,
) -> list[Line]:
    """A line for each of the jobs, in their order."""
    jobs = list(jobs)
    slugs = [job.slug for job in jobs]
    starts, switches = lasts(Start, slugs), lasts(Switch, slugs)
    pings = {ping.slug: ping for ping in Ping.objects.filter(slug__in=slugs)}
    skips = set(Skip.objects.filter(slot__gt=at).values_list("job", "slot"))
    lines = []
    for job in jobs:
        switch = switches.get(job.slug)
        paused = switch if switch and not switch.on else None
        look = looks.get(f"job-{job.slug}")
        coming = None if paused or job.sweep else following(job, look, at)
        lines.append(
            Line(
                job,
                look,
                starts.get(job.slug),
                pings.get(job.slug),
                usual_of(look.check) if look else None,
                coming,
                (job.slug, coming) in skips,
                paused,
                found.get(job.slug),
            )
        )
    return lines


def following(job: Job, look: Look | None, at: datetime) -> datetime | None:
    """Its next slot: as its judge has worked out, or anew where that is outdated."""
    known = look.check.detail if look else {}
    if known.get("cron") == job.cron and known.get("next_slot"):
        coming = datetime.fromisoformat(known["next_slot"])
        if coming > at:
            return coming
    try:
        slots = upcoming(job.cron, at, clock_zone(), 1)
    except BadCron:
        return None
    return next((slot.at for slot in slots if slot.mark != "skipped"), None)


def usual_of(check: Check) -> tuple[float, float] | None:
    """The range that its judge found."""
    found = check.detail.get("usual")
    return (found[0], found[1]) if found else None


def lasts(model: type[_Row], slugs: list[str]) -> dict[str, _Row]:
    """Of each job the last row; by one seek each, however many rows there are."""
    rows = model.objects
    mine = rows.filter(job=OuterRef("slug")).order_by("-at", "-pk")
    newest = Job.objects.filter(slug__in=slugs).values_list(
        Subquery(mine.values("pk")[:1]), flat=True
    )
    return {row.job: row for row in rows.filter(pk__in=list(newest))}
