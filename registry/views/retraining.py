"""What a trigger started, step by step; and what an admin says to it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from pulsar_ml.errors import PulsarError
from registry.errors import RegistryError
from registry.gate.shown import shown
from registry.models import Retraining
from registry.triggers import approve as deciding
from registry.triggers.show import steps
from registry.triggers.stage import Stage

_NEEDED = (
    "trigger",
    "decision__by",
    "build__dataset",
    "run",
    "version__model",
    "comparison__candidate__model",
    "comparison__champion__model",
    "by",
)
_may_decide = permission_required("registry.change_alias", raise_exception=True)


@require_safe
@permission_required("registry.view_trigger", raise_exception=True)
def retraining(request: Request, pk: int) -> HttpResponse:
    """The whole page; or its steps alone for HTMX, until it waits or has ended."""
    found = retraining_or_404(pk)
    context: dict[str, Any] = {
        "retraining": found,
        "steps": list(steps(found)),
        "is_working": bool(found.open) and found.stage != Stage.WAITING,
    }
    if request.fragment:
        response = render(request, "registry/_retraining_steps.html", context)
        if not context["is_working"]:
            response["HX-Refresh"] = "true"
        return response
    if found.comparison:
        gate = shown(found.comparison)
        context |= {"comparison": found.comparison, "gate": gate}
        context["must_say_why"] = found.comparison.outcome != "passed"
    return render(request, "registry/retraining.html", context)


@require_POST
@_may_decide
def approve(request: Request, pk: int) -> HttpResponse:
    """Put its version into production, through the gate."""
    found, why = retraining_or_404(pk), request.POST.get("override", "")[:500]
    try:
        deciding.approve(found, by=request.user, override=why)
    except (RegistryError, PulsarError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found.version} is in production.")
    return redirect(found)


@require_POST
@_may_decide
def decline(request: Request, pk: int) -> HttpResponse:
    """Leave production as it is, and say why."""
    found = retraining_or_404(pk)
    try:
        deciding.decline(
            found, by=request.user, reason=request.POST.get("reason", "")[:500]
        )
    except RegistryError as error:
        messages.error(request, str(error))
    return redirect(found)


def retraining_or_404(pk: int) -> Retraining:
    """The retraining with all that its page names."""
    return get_object_or_404(Retraining.objects.select_related(*_NEEDED), pk=pk)
