"""One schedule: what it does, when it runs, what became of it, and its switch."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from dispatch.models import Schedule
from dispatch.positions.rewind import position, reading
from dispatch.runs import listing
from dispatch.runs.chart import chart
from dispatch.schedules.tell import tell
from dispatch.slots.strip import strip
from dispatch.views.find import schedule_or_404
from monitor.clock.cron import clock_zone, upcoming, words
from monitor.forms import PauseForm
from monitor.switching import switchboard

_RUNS_SHOWN = 10
_DAYS_SHOWN = 7


@require_safe
@permission_required("dispatch.view_schedule", raise_exception=True)
def schedule(request: Request, slug: str) -> HttpResponse:
    """All of it on one page."""
    return page(request, schedule_or_404(slug), PauseForm())


def page(
    request: Request, schedule: Schedule, pausing: PauseForm, status: int = 200
) -> HttpResponse:
    """The page, with the pause as it was filled in."""
    at = timezone.now()
    slots = upcoming(schedule.cron, at, clock_zone())
    since = schedule.created_at
    context = {
        "schedule": schedule,
        "told": tell(schedule),
        "words": words(schedule.cron),
        "read_on": reading(schedule),
        "position": position(schedule),
        "runs": listing.newest(schedule.runs.all())[:_RUNS_SHOWN],
        "chart": chart(schedule, at),
        "strip": strip(schedule, _DAYS_SHOWN, timezone.get_current_timezone(), at),
        "slots": slots,
        "pausing": pausing,
        "acts": _acts(schedule),
        **switchboard.shown(schedule.job, slots, at, since=since),
    }
    return render(request, "dispatch/schedule.html", context, status=status)


def _acts(schedule: Schedule) -> dict[str, str]:
    """Where its switch is moved."""
    names = switchboard.ACTS
    return {name: reverse(f"dispatch:{name}", args=[schedule.slug]) for name in names}
