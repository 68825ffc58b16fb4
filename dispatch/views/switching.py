"""The switch of a schedule: pause, resume, skip, run now, and put its line right."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.requests import Request
from dispatch.models import Schedule
from dispatch.runs.run_now import run_now as start_now
from dispatch.schedules.pausing import PauseForm
from dispatch.views.find import schedule_or_404, told_if_removed
from dispatch.views.schedules import page
from monitor import switch
from monitor.crontab.lines import CrontabError
from monitor.models import Job, Skip
from monitor.switch import SwitchError
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
    given = form.cleaned_data

    def act(job: Job) -> None:
        switch.pause(job, by=request.user, **given)

    return _switched(request, found, act)


@require_POST
@_may_switch
@told_if_removed
def resume(request: Request, slug: str) -> HttpResponse:
    """Have the clock start it again."""
    found = schedule_or_404(slug)
    return _switched(request, found, lambda job: switch.resume(job, by=request.user))


@require_POST
@_may_switch
@told_if_removed
def skip(request: Request, slug: str) -> HttpResponse:
    """Leave its next slot out."""
    found = schedule_or_404(slug)
    reason = request.POST.get("reason", "").strip()[:300]

    def act(job: Job) -> None:
        switch.skip_next(job, by=request.user, reason=reason)

    return _switched(request, found, act)


@require_POST
@_may_switch
@told_if_removed
def unskip(request: Request, slug: str) -> HttpResponse:
    """Have it run after all at a slot that was to be left out."""
    found = schedule_or_404(slug)
    number = request.POST.get("skip", "")
    pk = int(number[:18]) if number.isdecimal() else 0
    skipped = Skip.objects.filter(pk=pk, job=found.job).first()
    if skipped is None:
        messages.warning(request, "That slot is not left out any more.")
        return redirect(found)
    return _switched(request, found, lambda _: switch.unskip(skipped, by=request.user))


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
    job = get_object_or_404(Job, slug=found.job)
    try:
        switch.mend(job, by=request.user)
    except (CrontabError, SwitchError) as error:
        messages.error(request, f"The crontab is as it was: {error}")
    else:
        messages.success(request, "The line in the crontab is as it should be.")
    return redirect(found)


def _switched(
    request: Request, schedule: Schedule, act: Callable[[Job], object]
) -> HttpResponse:
    job = get_object_or_404(Job, slug=schedule.job)
    try:
        act(job)
    except (SwitchError, CrontabError) as error:
        messages.error(request, str(error))
    return redirect(schedule)
