"""All schedules at a glance."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.requests import Request
from accounts.roles import admins
from dispatch.models import Schedule
from dispatch.places import allowed
from dispatch.schedules.glance import glances
from monitor.crontab.standing import crontab

_ADMINS_NAMED = 5
_REMOVED_SHOWN = 50


@require_safe
@permission_required("dispatch.view_schedule", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """Every schedule with its next slot and its last run."""
    live, removed = Schedule.objects.live(), Schedule.objects.removed()
    table = crontab()
    context = {
        "glances": glances(live, table.found, now()),
        "table": table,
        "removed": removed[:_REMOVED_SHOWN],
        "just_removed": _named(request.GET.get("removed", "")),
        "inbox": allowed()[0],
        "admins": admins().values_list("username", flat=True)[:_ADMINS_NAMED],
    }
    return render(request, "dispatch/index.html", context)


def _named(number: str) -> Schedule | None:
    if not number.isdecimal():
        return None
    return Schedule.objects.removed().filter(pk=int(number[:18])).first()
