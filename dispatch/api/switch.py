"""The switch of a schedule, for programs: pause, resume, skip, put its line right."""

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from accounts.programs.needs import Needs
from accounts.requests import Request
from dispatch.api.schedule_out import OneScheduleOut, whole
from dispatch.views.find import schedule_or_404
from monitor.api import moves
from monitor.api.switch_out import PauseIn, SkipOut, WhyIn
from monitor.models import Job
from monitor.switching import switch

router = Router()
_switches = Needs("monitor.add_switch")
_ONE = "/schedules/{slug:schedule}"


@router.post(f"{_ONE}/pause", auth=_switches, response=OneScheduleOut)
def pause_schedule(request: Request, schedule: str, given: PauseIn) -> OneScheduleOut:
    """Have the clock start it no more, until a time or until it is resumed."""
    moves.pause(request, _job(schedule), given)
    return whole(schedule_or_404(schedule))


@router.post(f"{_ONE}/resume", auth=_switches, response=OneScheduleOut)
def resume_schedule(
    request: Request, schedule: str, given: WhyIn | None = None
) -> OneScheduleOut:
    """Have the clock start it again."""
    switch.resume(_job(schedule), by=request.user, reason=moves.why(given))
    return whole(schedule_or_404(schedule))


@router.post(f"{_ONE}/skips", auth=_switches, response=moves.SKIPPED)
def skip_slot(
    request: Request, schedule: str, given: WhyIn | None = None
) -> Status[SkipOut]:
    """Leave its next slot out."""
    return moves.skip(request, _job(schedule), moves.why(given))


@router.delete(f"{_ONE}/skips/{{skip}}", auth=_switches, response={204: None})
def unskip_slot(request: Request, schedule: str, skip: int) -> Status[None]:
    """Have it run after all at a slot that was to be left out."""
    moves.unskip(request, _job(schedule), skip)
    return Status(204, None)


@router.post(
    f"{_ONE}/mend", auth=Needs("dispatch.change_schedule"), response=OneScheduleOut
)
def mend_schedule(request: Request, schedule: str) -> OneScheduleOut:
    """Make its line in the crontab what it should be."""
    switch.mend(_job(schedule), by=request.user)
    return whole(schedule_or_404(schedule))


def _job(slug: str) -> Job:
    return get_object_or_404(Job, slug=schedule_or_404(slug).job)
