"""What a program does with the switch of a job; what is in the way is an answer."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Status

from accounts.programs.values import refusal
from accounts.requests import Request
from monitor.api.switch_out import PauseIn, SkipOut, WhyIn, skip_out
from monitor.forms import PauseForm
from monitor.models import Job, Skip
from monitor.switching import switch

# Whoever asks twice is given what the first time has made.
SKIPPED = {200: SkipOut, 201: SkipOut}


def pause(request: Request, job: Job, given: PauseIn) -> None:
    """Have the clock start it no more, as the page's form allows."""
    form = PauseForm(given.dict())
    if not form.is_valid():
        raise refusal(form)
    switch.pause(job, by=request.user, **form.cleaned_data)


def skip(request: Request, job: Job, reason: str) -> Status[SkipOut]:
    """Leave its next moment out; of two who want that, the second has the first's."""
    at = timezone.now()
    left_out = switch.skip_next(job, by=request.user, reason=reason)
    return Status(200 if left_out.at < at else 201, skip_out(left_out))


def unskip(request: Request, job: Job, number: int) -> None:
    """Have it run after all at a moment that was to be left out."""
    found = get_object_or_404(Skip, pk=number, job=job.slug)
    switch.unskip(found, by=request.user)


def why(given: WhyIn | None) -> str:
    """The reason, where one was given."""
    return given.reason if given else ""
