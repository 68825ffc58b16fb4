"""Schedules on their way out and back."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.requests import Request
from dispatch.errors import DispatchError
from dispatch.models import Schedule
from dispatch.schedules.remove import remove, restore
from dispatch.views.find import schedule_or_404, told_if_removed
from monitor.crontab.lines import CrontabError
from monitor.switching.switch import SwitchError

_may_remove = permission_required("dispatch.delete_schedule", raise_exception=True)


@_may_remove
@told_if_removed
def remove_schedule(request: Request, slug: str) -> HttpResponse:
    """Say what would end and what would stay; then remove it."""
    found = schedule_or_404(slug)
    if request.method != "POST":
        context = {
            "schedule": found,
            "open": found.runs.filter(open=True).first(),
            "n_runs": found.runs.count(),
        }
        return render(request, "dispatch/remove.html", context)
    try:
        remove(found, by=request.user)
    except DispatchError as error:
        messages.error(request, str(error))
        return redirect("dispatch:index")
    except CrontabError as error:
        words = f"It is removed, but its line is still in the crontab: {error}"
        messages.warning(request, words)
    return redirect(f"{reverse('dispatch:index')}?removed={found.pk}")


@require_POST
@_may_remove
def restore_schedule(request: Request, pk: int) -> HttpResponse:
    """Undo a removal."""
    found = get_object_or_404(Schedule.objects.removed(), pk=pk)
    try:
        restore(found, by=request.user)
    except DispatchError as error:
        messages.error(request, str(error))
        return redirect("dispatch:index")
    except (CrontabError, SwitchError) as error:
        messages.warning(request, f"It is back, but not in the crontab: {error}")
    return redirect(found)
