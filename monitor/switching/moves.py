"""What a person does with the switch on a page; what is in the way is told there."""

from collections.abc import Callable

from django.contrib import messages
from django.utils import timezone

from accounts.requests import Request
from monitor import people
from monitor.crontab.lines import CrontabError
from monitor.forms import PauseForm
from monitor.models import Job, Skip
from monitor.switching import switch
from monitor.switching.switch import SwitchError

MENDED = "The line in the crontab is as it should be."
_LONGEST_REASON = 300


def pause(request: Request, job: Job, form: PauseForm) -> None:
    """Have the clock start it no more, as the form says."""
    given = form.cleaned_data
    _try(request, lambda: switch.pause(job, by=request.user, **given))


def resume(request: Request, job: Job) -> None:
    """Have the clock start it again."""
    reason = _reason(request)
    _try(request, lambda: switch.resume(job, by=request.user, reason=reason))


def skip(request: Request, job: Job) -> None:
    """Leave its next moment out; of two who want that, the second is told so."""
    at = timezone.now()
    reason = _reason(request)

    def act() -> None:
        left_out = switch.skip_next(job, by=request.user, reason=reason)
        if left_out.at < at:
            messages.info(request, f"{_wanted_by(left_out)} already.")

    _try(request, act)


def unskip(request: Request, job: Job) -> None:
    """Have it run after all at a moment that was to be left out."""
    number = request.POST.get("skip", "")
    pk = int(number[:18]) if number.isdecimal() else 0
    skipped = Skip.objects.filter(pk=pk, job=job.slug).first()
    if skipped is None:
        messages.warning(request, "That slot is not left out any more.")
        return
    _try(request, lambda: switch.unskip(skipped, by=request.user))


def mend(request: Request, job: Job) -> None:
    """Make its line in the crontab what it should be."""
    try:
        switch.mend(job, by=request.user)
    except (CrontabError, SwitchError) as error:
        messages.error(request, f"The crontab is as it was: {error}")
    else:
        messages.success(request, MENDED)


def _try(request: Request, act: Callable[[], object]) -> None:
    try:
        act()
    except (SwitchError, CrontabError) as error:
        messages.error(request, str(error))


def _reason(request: Request) -> str:
    return request.POST.get("reason", "").strip()[:_LONGEST_REASON]


def _wanted_by(left_out: Skip) -> str:
    name = people.names([left_out]).get(left_out.who, "somebody")
    why = f" ({left_out.reason})" if left_out.reason else ""
    return f"{name} had that slot left out{why}"
