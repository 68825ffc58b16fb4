"""The schedule of an address."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.requests import Request
from dispatch.models import Schedule

View = Callable[[Request, str], HttpResponse]


def schedule_or_404(slug: str) -> Schedule:
    """One that nobody has removed."""
    live = Schedule.objects.live().select_related("owner")
    return get_object_or_404(live, slug=slug)


def removed(slug: str) -> Schedule | None:
    """What was there until somebody removed it; nothing where one is there."""
    of_slug = Schedule.objects.filter(slug=slug)
    if of_slug.live().exists():
        return None
    return of_slug.removed().order_by("-changed_at").first()


def told_if_removed(view: View) -> View:
    """Say in words that what somebody wants to act on was removed meanwhile."""

    @wraps(view)
    def answer(request: Request, slug: str) -> HttpResponse:
        gone = removed(slug) if request.method == "POST" else None
        if gone is None:
            return view(request, slug)
        words = f"Nothing was done: somebody has removed {gone.name} meanwhile."
        messages.error(request, words)
        return redirect(f"{reverse('dispatch:index')}?removed={gone.pk}")

    return answer
