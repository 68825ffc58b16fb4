"""The night report, as a page that prints on one sheet."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from monitor.report import night
from monitor.report.forms import NightForm
from monitor.report.night import Night, NoSuchNight
from monitor.report.write import write


@require_safe
@permission_required("monitor.view_check", raise_exception=True)
def report(request: Request) -> HttpResponse:
    """The last 24 hours, or the night that ended on a day."""
    at = timezone.now()
    form = NightForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render(request, "monitor/report.html", context, status=422)
    try:
        wanted = form.night(at)
    except NoSuchNight as error:
        form.add_error("date", str(error))
        return render(request, "monitor/report.html", context, status=422)
    context |= {"report": write(wanted), **_beside(wanted)}
    return render(request, "monitor/report.html", context)


def _beside(wanted: Night) -> dict[str, date | None]:
    """The nights before and after it."""
    at = timezone.now()
    if wanted.day is None:
        return {"before": night.last(at).day, "after": None}
    before, after = (wanted.day + timedelta(days=days) for days in (-1, 1))
    return {
        "before": before if night.is_known(before, at) else None,
        "after": after if night.is_known(after, at) else None,
    }
