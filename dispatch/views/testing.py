"""What ten rows of a schedule's source come to, with nothing written."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from dispatch import sinks, sources
from dispatch.errors import DispatchError
from dispatch.rehearse import rehearse
from dispatch.schedules.forms import stored
from dispatch.views.find import schedule_or_404


@require_safe
@permission_required("dispatch.change_schedule", raise_exception=True)
def test(request: Request, slug: str) -> HttpResponse:
    """The test of a schedule as it is."""
    found = schedule_or_404(slug)
    context = {"schedule": found, **rehearsed(stored(found))}
    return render(request, "dispatch/test.html", context)


def rehearsed(values: Mapping[str, Any]) -> dict[str, Any]:
    """What came of it, or why nothing did."""
    try:
        source = sources.of(values["source"])
        return {
            "rehearsal": rehearse(source, values["reference"]),
            "sink_problems": sinks.of(values["sink"]).look(source),
        }
    except DispatchError as error:
        return {"rehearsal_problem": str(error)}
