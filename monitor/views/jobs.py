"""The jobs: all of them in one list, and each on a page of its own."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from monitor import people
from monitor.checks.bar import past
from monitor.checks.board import jobs_of, look_at
from monitor.checks.roster import in_order, roster, usual_of
from monitor.clock.cron import clock_zone, upcoming, words
from monitor.crontab.standing import crontab
from monitor.forms import JobFilter, PauseForm
from monitor.models import Check, Job, Ping, Start
from monitor.starts import process
from monitor.starts.chart import chart
from monitor.starts.process import Facts
from monitor.switching import switchboard
from monitor.views.overview import seconds

_STARTS_SHOWN = 20
_ALERTS_SHOWN = 5

may_see = permission_required("monitor.view_check", raise_exception=True)


@require_safe
@may_see
def jobs(request: Request) -> HttpResponse:
    """The list, or its table alone for HTMX."""
    at = timezone.now()
    form = JobFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {"state": "", "name": ""}
    looks = jobs_of(at)
    table = crontab()
    every = in_order(Job.objects.all(), looks)
    named = [job for job in every if wanted["name"].lower() in job.slug]
    lines = roster(named, looks, at, table.found)
    context = {
        "form": form,
        "lines": [line for line in lines if wanted["state"] in ("", line.state)],
        "n_jobs": len(every),
        "table": table,
        "refresh": seconds(is_asked=False),
    }
    name = "_jobs.html" if request.fragment else "jobs.html"
    status = 200 if form.is_valid() else 422
    return render(request, f"monitor/{name}", context, status=status)


@require_safe
@may_see
def job(request: Request, slug: str) -> HttpResponse:
    """One job, or what is alive of its page for HTMX."""
    found = get_object_or_404(Job, slug=slug)
    if request.fragment:
        return render(request, "monitor/_job.html", _living(found))
    return page(request, found, PauseForm())


def page(
    request: Request, job: Job, pausing: PauseForm, status: int = 200
) -> HttpResponse:
    """The page, with the pause as it was filled in."""
    at = timezone.now()
    slots = [] if job.sweep else upcoming(job.cron, at, clock_zone())
    context = {
        **_living(job),
        "slots": slots,
        "pausing": pausing,
        "acts": _acts(job),
        **switchboard.shown(job.slug, slots, at, since=job.since),
    }
    return render(request, "monitor/job.html", context, status=status)


def _living(job: Job) -> dict[str, Any]:
    """What a look later may be otherwise."""
    at = timezone.now()
    check = Check.objects.filter(slug=f"job-{job.slug}").first()
    starts = Start.objects.filter(job=job.slug).order_by("-at", "-pk")[:_STARTS_SHOWN]
    return {
        "job": job,
        "words": words(job.cron),
        "look": look_at(check, at) if check else None,
        "usual": usual_of(check) if check else None,
        "past": past(check, at) if check else None,
        "ping": Ping.objects.filter(slug=job.slug).first(),
        "starts": starts,
        "durations": chart(job.slug),
        "starters": people.by_number(start.by for start in starts),
        "running": _running(starts),
        "alerts": check.alerts.order_by("-opened_at", "-pk")[:_ALERTS_SHOWN]
        if check
        else (),
        "refresh": seconds(is_asked=False),
    }


class Running(NamedTuple):
    """A start that is at work, and what its process takes where that can be seen."""

    start: Start
    facts: Facts | None


def _running(starts: Iterable[Start]) -> Running | None:
    for start in starts:
        if start.outcome or start.ended_at:
            continue
        facts = process.facts(start)
        # Here it would be seen; elsewhere it is believed.
        if facts or start.host != process.here():
            return Running(start, facts)
    return None


def _acts(job: Job) -> dict[str, str]:
    """Where its switch is moved."""
    names = switchboard.ACTS
    return {name: reverse(f"monitor:job-{name}", args=[job.slug]) for name in names}
