"""One check: how it is, what the last look found, and how it was."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.checks import ask
from monitor.checks.bar import past
from monitor.checks.board import look_at
from monitor.checks.find import find, kept
from monitor.checks.told import told
from monitor.figures.chart import Chart, charts
from monitor.figures.series import RANGES, names, series
from monitor.models import Check, Job
from monitor.views.overview import seconds

_ALERTS_SHOWN = 10

may_see = permission_required("monitor.view_check", raise_exception=True)


@require_safe
@may_see
def check(request: Request, slug: str) -> HttpResponse:
    """All that is known of it; of a job its own page tells more."""
    found = _found(slug)
    if found.kind == Check.Kind.JOB:
        job = Job.objects.filter(slug=slug.removeprefix("job-")).first()
        if job:
            return redirect("monitor:job", job.slug)
    at = timezone.now()
    look = look_at(found, at)
    context: dict[str, object] = {
        "look": look,
        "refresh": seconds(is_asked=look.is_asked),
    }
    if found.looked_at is None:
        name = "_unseen.html" if request.fragment else "check.html"
        return render(request, f"monitor/{name}", context)
    context |= {
        "told": told(found),
        "past": past(found, at),
        "alerts": found.alerts.order_by("-opened_at", "-pk")[:_ALERTS_SHOWN],
    }
    if request.fragment:
        return render(request, "monitor/_check.html", context)
    context["charts"] = _charts(found, at)
    return render(request, "monitor/check.html", context)


def _found(slug: str) -> Check:
    found = find(slug)
    if found is None:
        raise Http404("Nothing of this name is looked at.")
    return found


def _charts(check: Check, at: datetime) -> list[Chart]:
    """Its figures over a day: those that are named after it."""
    mine = [name for name in names() if name.startswith(f"{check.slug}.")]
    day = RANGES["day"]
    # No name at all would mean every figure there is.
    return charts(series(mine, day, at), day, at) if mine else []


@require_POST
@may_see
def check_now(request: Request, slug: str) -> HttpResponse:
    """Have it looked at; the page shows what comes of it."""
    found = kept(_found(slug))
    if not ask.ask(found, request.user):
        messages.info(request, f"{found.name} is being looked at already.")
    if "stay" in request.POST:
        return redirect(found)
    return redirect("monitor:index")
