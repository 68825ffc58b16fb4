"""The switch of a schedule: pause, resume, skip, run now, and put its line right."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.requests import Request
from dispatch.models import Schedule
from dispatch.runs.run_now import run_now as start_now
from dispatch.views.find import schedule_or_404, told_if_removed
from dispatch.views.schedules import page
from monitor.forms import PauseForm
from monitor.models import Job
from monitor.switching import moves
from monitor.work import State

_may_switch = permission_required("monitor.add_switch", raise_exception=True)
_may_run = permission_required("dispatch.add_run", raise_exception=True)
_may_change = permission_required("dispatch.change_schedule", raise_exception=True)


@require_POST
@_may_switch
@told_if_removed
def pause(request: Request, slug: str) -> HttpResponse:
    """Have the clock start it no more, until a time or until it is resumed."""
    found = schedule_or_404(slug)
    form = PauseForm(request.POST)
    if not form.is_valid():
        return page(request, found, form, status=422)
    moves.pause(request, _job(found), form)
    return redirect(found)


@require_POST
@_may_switch
@told_if_removed
def resume(request: Request, slug: str) -> HttpResponse:
    """Have the clock start it again."""
    found = schedule_or_404(slug)
    moves.resume(request, _job(found))
    return redirect(found)


@require_POST
@_may_switch
@told_if_removed
def skip(request: Request, slug: str) -> HttpResponse:
    """Leave its next slot out."""
    found = schedule_or_404(slug)
    moves.skip(request, _job(found))
    return redirect(found)


@require_POST
@_may_switch
@told_if_removed
def unskip(request: Request, slug: str) -> HttpResponse:
    """Have it run after all at a slot that was to be left out."""
    found = schedule_or_404(slug)
    moves.unskip(request, _job(found))
    return redirect(found)


@require_POST
@_may_run
@told_if_removed
def run_now(request: Request, slug: str) -> HttpResponse:
    """Start a run without a slot; its page shows how it goes."""
    found = schedule_or_404(slug)
    run = start_now(found, by=request.user)
    if run.state == State.SKIPPED:
        messages.warning(request, f"Nothing was started: {run.reason}")
        return redirect(found)
    return redirect(run)


@require_POST
@_may_change
@told_if_removed
def mend(request: Request, slug: str) -> HttpResponse:
    """Make its line in the crontab what it should be."""
    found = schedule_or_404(slug)
    moves.mend(request, _job(found))
    return redirect(found)


def _job(schedule: Schedule) -> Job:
    return get_object_or_404(Job, slug=schedule.job)
