"""Operators pause and resume a job, leave a slot out, run it now, mend its line."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.requests import Request
from monitor.forms import PauseForm
from monitor.models import Job
from monitor.starts import launch
from monitor.switching import moves
from monitor.views.jobs import page

_may_switch = permission_required("monitor.add_switch", raise_exception=True)
_may_start = permission_required("monitor.add_start", raise_exception=True)


@require_POST
@_may_switch
def pause(request: Request, slug: str) -> HttpResponse:
    """Have the clock start it no more, until a time or until it is resumed."""
    job = get_object_or_404(Job, slug=slug)
    form = PauseForm(request.POST)
    if not form.is_valid():
        return page(request, job, form, status=422)
    moves.pause(request, job, form)
    return redirect("monitor:job", slug)


@require_POST
@_may_switch
def resume(request: Request, slug: str) -> HttpResponse:
    """Have the clock start it again."""
    moves.resume(request, get_object_or_404(Job, slug=slug))
    return redirect("monitor:job", slug)


@require_POST
@_may_switch
def skip(request: Request, slug: str) -> HttpResponse:
    """Leave its next slot out."""
    moves.skip(request, get_object_or_404(Job, slug=slug))
    return redirect("monitor:job", slug)


@require_POST
@_may_switch
def unskip(request: Request, slug: str) -> HttpResponse:
    """Have it run after all at a slot that was to be left out."""
    moves.unskip(request, get_object_or_404(Job, slug=slug))
    return redirect("monitor:job", slug)


@require_POST
@_may_switch
def mend(request: Request, slug: str) -> HttpResponse:
    """Make its line in the crontab what it should be."""
    moves.mend(request, get_object_or_404(Job, slug=slug))
    return redirect("monitor:job", slug)


@require_POST
@_may_start
def run(request: Request, slug: str) -> HttpResponse:
    """Start its command now, beside the clock; its page shows what comes of it."""
    job = get_object_or_404(Job, slug=slug)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, "Nothing was started: say why, others will wonder.")
        return redirect("monitor:job", slug)
    try:
        launch.start(job, request.user, reason)
    except launch.NotStarted as error:
        messages.error(request, f"Nothing was started: {error}")
    else:
        messages.success(request, "It is being started; what comes of it stands here.")
    return redirect("monitor:job", slug)
