"""One schedule: what it does, when it runs, what became of it, and its switch."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from dispatch.models import Schedule
from dispatch.runs import listing
from dispatch.runs.chart import chart
from dispatch.schedules.glance import crontab
from dispatch.schedules.pausing import PauseForm
from dispatch.schedules.tell import tell
from dispatch.slots.strip import strip
from dispatch.views.find import schedule_or_404
from monitor import people
from monitor.clock.cron import clock_zone, upcoming, words
from monitor.crontab import lines
from monitor.models import Skip, Switch

_RUNS_SHOWN = 10
_SWITCHES_SHOWN = 10
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
    context = {
        "schedule": schedule,
        "told": tell(schedule),
        "words": words(schedule.cron),
        "runs": listing.newest(schedule.runs.all())[:_RUNS_SHOWN],
        "chart": chart(schedule, at),
        "strip": strip(schedule, _DAYS_SHOWN, timezone.get_current_timezone(), at),
        "pausing": pausing,
        **_times(schedule, at),
        **_switch(schedule),
    }
    return render(request, "dispatch/schedule.html", context, status=status)


def _times(schedule: Schedule, at: datetime) -> dict[str, Any]:
    slots = upcoming(schedule.cron, at, clock_zone())
    skips = Skip.objects.filter(job=schedule.job, slot__gt=at).order_by("slot")
    real = next((slot.at for slot in slots if slot.mark != "skipped"), None)
    return {
        "slots": slots,
        "next": real,
        "skips": skips,
        "left_out": {skip.slot for skip in skips},
    }


def _switch(schedule: Schedule) -> dict[str, Any]:
    """What the crontab says now, and who switched when."""
    table = crontab()
    switches = Switch.objects.filter(job=schedule.job, at__gte=schedule.created_at)
    last = switches.order_by("-at", "-pk")[:_SWITCHES_SHOWN]
    return {
        "found": table.found.get(schedule.job),
        "wanted": "" if table.problem else lines.wanted(schedule.job),
        "table": table,
        "switches": last,
        "names": people.names(last),
    }
