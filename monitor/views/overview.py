"""The first page of the Monitor: is all well, and if not, what is wrong."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.checks import ask
from monitor.checks.board import board
from monitor.checks.roster import in_order, roster
from monitor.models import Job

# What is worst stands first; the others are on the page of jobs.
_JOBS_SHOWN = 30
# A person waits for the reading that was asked for.
_SOON_SECONDS = 2

may_see = permission_required("monitor.view_check", raise_exception=True)


@require_safe
@may_see
def index(request: Request) -> HttpResponse:
    """Everything at a glance: the whole page, or its live part alone for HTMX."""
    at = timezone.now()
    found = board(at)
    jobs = in_order(Job.objects.all(), found.jobs)
    context = {
        "board": found,
        "lines": roster(jobs[:_JOBS_SHOWN], found.jobs, at),
        "n_jobs": len(jobs),
        "refresh": seconds(is_asked=found.is_asked),
        "hosts_configured": bool(settings.PULSAR.monitor.hosts),
    }
    name = "_overview.html" if request.fragment else "index.html"
    return render(request, f"monitor/{name}", context)


@require_POST
@may_see
def look_now(request: Request) -> HttpResponse:
    """Have everything looked at; the page shows what comes of it."""
    if not ask.ask_all(request.user):
        messages.info(request, "Everything is being looked at already.")
    return redirect("monitor:index")


def seconds(*, is_asked: bool) -> int:
    """After so many an open page looks again."""
    usual: int = settings.PULSAR.monitor.refresh_seconds
    return min(usual, _SOON_SECONDS) if is_asked else usual
