"""Alerts: what is live, what is over, one with its reasons, and seeing to it."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import Request
from monitor.alerts import acknowledge as verbs
from monitor.alerts import listing
from monitor.alerts.explain import explain
from monitor.alerts.forms import AlertFilter
from monitor.models import Alert
from monitor.place import BadPlace, Place

PAGE_ALERTS = 50
_may_view = permission_required("monitor.view_check", raise_exception=True)
_may_change = permission_required("monitor.change_alert", raise_exception=True)


@require_safe
@_may_view
def alerts(request: Request) -> HttpResponse:
    """All of them, live ones first: the whole page, or its lists alone for HTMX."""
    form = AlertFilter(request.GET)
    if not form.is_valid():
        return render(request, "monitor/alerts.html", {"form": form}, status=422)
    before = _place(request)
    wanted = listing.Wanted(**form.cleaned_data)
    live = [] if before else listing.live(wanted)
    page = listing.closed(wanted, before, PAGE_ALERTS)
    context = {
        "form": form,
        "live": live,
        "page": page,
        "names": listing.names([*(line.alert for line in live), *page.alerts]),
        "before": before,
        "filtered": any(form.cleaned_data.values()),
        "now": timezone.now(),
        "refresh": settings.PULSAR.monitor.refresh_seconds,
    }
    name = "_alerts.html" if request.fragment else "alerts.html"
    return render(request, f"monitor/{name}", context)


@require_safe
@_may_view
def alert(request: Request, pk: int) -> HttpResponse:
    """One of them: why, since when, what hangs on it, who was told."""
    found = get_object_or_404(Alert.objects.select_related("because", "rule"), pk=pk)
    context = {
        "alert": found,
        "told": explain(found),
        "names": listing.names([found]),
        "now": timezone.now(),
    }
    return render(request, "monitor/alert.html", context)


@require_POST
@_may_change
def acknowledge(request: Request, pk: int) -> HttpResponse:
    """Say that somebody sees to it."""
    return _act(request, pk, verbs.acknowledge)


@require_POST
@_may_change
def close(request: Request, pk: int) -> HttpResponse:
    """End it by hand."""
    return _act(request, pk, verbs.close)


def _act(
    request: Request, pk: int, act: Callable[[Alert, User, str], None]
) -> HttpResponse:
    found = get_object_or_404(Alert, pk=pk)
    try:
        act(found, request.user, request.POST.get("note", ""))
    except verbs.AlertError as error:
        messages.warning(request, f"{found}: {error}")
    return redirect("monitor:alerts" if "list" in request.POST else found)


def _place(request: Request) -> Place | None:
    text = request.GET.get("before", "")
    try:
        return Place.named(text) if text else None
    except BadPlace as error:
        raise Http404 from error
