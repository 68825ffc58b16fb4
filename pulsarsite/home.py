"""The first page: what needs attention."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from dispatch.attention import attention
from monitor.attention import attention as watched
from pulsar_ml.errors import PulsarError
from pulsarsite.first_steps import first_steps
from registry import serving
from registry.attention import attention as trained
from registry.errors import RegistryError
from showroom.models import Batch
from showroom.vetting import listed

BATCHES_SHOWN = 8


@require_safe
def home(request: Request) -> HttpResponse:
    """Who answers, what is not well, the last batches; each for whom it is meant."""
    context: dict[str, Any] = {}
    if request.user.has_perm("showroom.view_batch"):
        newest = Batch.objects.visible_to(request.user).newest()
        context["batches"] = newest[:BATCHES_SHOWN]
        context["steps"] = first_steps(request.user, timezone.now())
    if request.user.has_perm("showroom.add_verdict"):
        context["queue"] = listed.count(request.user)
    if request.user.has_perm("registry.view_version"):
        context |= _champion()
    if request.user.has_perm("registry.view_trainingrun"):
        context["trainings"] = trained(timezone.now())
    if request.user.has_perm("dispatch.view_schedule"):
        context["attention"] = attention()
    if request.user.has_perm("monitor.view_check"):
        context["watched"] = watched(timezone.now())
    return render(request, "home.html", context)


def _champion() -> dict[str, Any]:
    """The version in production, or why there is none that could answer."""
    try:
        return {"champion": serving.champion().version}
    except (RegistryError, PulsarError) as error:
        return {"no_champion": str(error)}
