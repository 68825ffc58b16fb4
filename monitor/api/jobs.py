"""Jobs: what the clock starts when, how each is, and its switch."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema, Status

from accounts.programs.needs import Needs
from accounts.programs.values import Reason, Seconds
from accounts.requests import Request
from monitor import people
from monitor.api import moves
from monitor.api.switch_out import ComingOut, PauseIn, SkipOut, SwitchOut, WhyIn
from monitor.checks.board import Look, jobs_of
from monitor.checks.roster import Line, in_order, roster
from monitor.clock.cron import clock_zone, upcoming, words
from monitor.crontab.standing import crontab
from monitor.models import Check, Job, Skip, Start, Switch
from monitor.starts import launch
from monitor.switching import switch

router = Router()
_looks = Needs("monitor.view_check")
_switches = Needs("monitor.add_switch")
_starts = Needs("monitor.add_start")
_SHOWN = 20


class JobOut(Schema):
    """A job, how it is, and whether the clock starts it."""

    slug: str
    url: str
    cron: str
    words: str
    # Of the clock that starts it; nothing where its machine gives it no name.
    tz: str | None
    # Part of the tick: without a line of its own, and so without a switch.
    sweep: bool
    state: Check.State
    summary: str
    # Its line in the crontab: on, edited, off or missing; empty where none is read.
    line: str
    suspend: bool
    # By whom and why, where it is switched off.
    paused: SwitchOut | None
    next_run: datetime | None
    is_left_out: bool
    last_run: datetime | None
    last_outcome: str
    last_duration: Seconds
    # So late it may start, in seconds, and so long it may take.
    startingDeadlineSeconds: int  # noqa: N815  # Kubernetes' word
    finish_within: int

    @classmethod
    def of(cls, line: Line, names: Mapping[str, str], **more: Any) -> Self:
        job, last, look, off = line.job, line.start, line.look, line.paused
        return cls(
            slug=job.slug,
            url=reverse("monitor:job", args=[job.slug]),
            cron=job.cron,
            words=words(job.cron),
            tz=clock_zone().key,
            sweep=job.sweep,
            state=Check.State(line.state),
            summary=look.check.summary if look else "",
            line=line.found.state if line.found else "",
            suspend=off is not None,
            paused=SwitchOut.of(off, names) if off else None,
            next_run=line.next,
            is_left_out=line.is_left_out,
            last_run=last.at if last else None,
            last_outcome=last.outcome if last else "",
            last_duration=last.duration if last else None,
            startingDeadlineSeconds=job.start_within,
            finish_within=job.finish_within,
            **more,
        )


class StartOut(Schema):
    """One start: when, by whom, and how it ended."""

    at: datetime
    # A user name, or words; empty by the clock, nobody's by whom has been erased.
    by: str | None
    host: str
    pid: int
    ended_at: datetime | None
    # succeeded, failed or refused; empty while it is at work.
    outcome: str
    exit: int | None
    duration: Seconds
    detail: str
    page: str

    @classmethod
    def of(cls, start: Start, names: Mapping[str, str]) -> Self:
        known = {name: getattr(start, name) for name in cls.model_fields}
        by = names.get(start.by) if start.by.isdecimal() else start.by
        return cls(**known | {"by": by})


class OneJobOut(JobOut):
    """A job with its coming moments, its last starts, and who switched it."""

    next_runs: list[ComingOut]
    skips: list[SkipOut]
    # The newest first.
    switches: list[SwitchOut]
    starts: list[StartOut]
    n_runs: int


class StartIn(Schema):
    """Why a job is to start now; others read it."""

    reason: Reason


@router.get("", auth=_looks, response=list[JobOut])
def list_jobs(request: Request, state: Check.State | None = None) -> list[JobOut]:
    """All of them, what is worst first."""
    looks = jobs_of(timezone.now())
    lines = _lines(in_order(Job.objects.all(), looks), looks)
    names = people.names(line.paused for line in lines if line.paused)
    return [JobOut.of(line, names) for line in lines if state in (None, line.state)]


@router.get("/{slug:job}", auth=_looks, response=OneJobOut)
def get_job(request: Request, job: str) -> OneJobOut:
    """One of them, with what comes and what was."""
    return _whole(_found(job))


@router.post("/{slug:job}/pause", auth=_switches, response=OneJobOut)
def pause_job(request: Request, job: str, given: PauseIn) -> OneJobOut:
    """Have the clock start it no more, until a time or until it is resumed."""
    found = _found(job)
    moves.pause(request, found, given)
    return _whole(found)


@router.post("/{slug:job}/resume", auth=_switches, response=OneJobOut)
def resume_job(request: Request, job: str, given: WhyIn | None = None) -> OneJobOut:
    """Have the clock start it again."""
    found = _found(job)
    switch.resume(found, by=request.user, reason=moves.why(given))
    return _whole(found)


@router.post("/{slug:job}/skips", auth=_switches, response=moves.SKIPPED)
def skip_job(request: Request, job: str, given: WhyIn | None = None) -> Status[SkipOut]:
    """Leave its next moment out."""
    return moves.skip(request, _found(job), moves.why(given))


@router.delete("/{slug:job}/skips/{skip}", auth=_switches, response={204: None})
def unskip_job(request: Request, job: str, skip: int) -> Status[None]:
    """Have it run after all at a moment that was to be left out."""
    moves.unskip(request, _found(job), skip)
    return Status(204, None)


@router.post("/{slug:job}/run", auth=_starts, response={202: OneJobOut})
def start_job(request: Request, job: str, given: StartIn) -> Status[OneJobOut]:
    """Start its command now, beside the clock."""
    found = _found(job)
    launch.start(found, request.user, given.reason)
    return Status(202, _whole(found))


@router.post("/{slug:job}/mend", auth=_switches, response=OneJobOut)
def mend_job(request: Request, job: str) -> OneJobOut:
    """Make its line in the crontab what it should be."""
    found = _found(job)
    switch.mend(found, by=request.user)
    return _whole(found)


def _found(slug: str) -> Job:
    return get_object_or_404(Job, slug=slug)


def _lines(jobs: list[Job], looks: Mapping[str, Look]) -> list[Line]:
    return roster(jobs, looks, timezone.now(), crontab().found)


def _whole(job: Job) -> OneJobOut:
    at = timezone.now()
    [line] = _lines([job], jobs_of(at))
    switches = Switch.objects.filter(job=job.slug).order_by("-at", "-pk")[:_SHOWN]
    skips = Skip.objects.filter(job=job.slug, slot__gt=at).order_by("slot")
    starts = Start.objects.filter(job=job.slug).order_by("-at", "-pk")
    shown = list(starts[:_SHOWN])
    names = people.names([*switches, *skips])
    names |= people.by_number(start.by for start in shown)
    slots = [] if job.sweep else upcoming(job.cron, at, clock_zone())
    left_out = {skip.slot for skip in skips}
    return OneJobOut.of(
        line,
        names,
        next_runs=[ComingOut.of(slot, left_out) for slot in slots],
        skips=[SkipOut.of(skip, names) for skip in skips],
        switches=[SwitchOut.of(one, names) for one in switches],
        starts=[StartOut.of(start, names) for start in shown],
        n_runs=starts.count(),
    )
