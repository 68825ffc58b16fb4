"""All schedules at a glance."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from dispatch.models import Schedule


@require_safe
@permission_required("dispatch.view_schedule", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """Every schedule with its next slots and its last run."""
    context = {"schedules": Schedule.objects.live()}
    return render(request, "dispatch/index.html", context)
