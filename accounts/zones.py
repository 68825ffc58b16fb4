"""Times are shown in the zone of whoever looks."""

from collections.abc import Callable
from functools import cache
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Preference


@cache  # it walks through some hundred files
def known() -> frozenset[str]:
    """The zones in which this machine can compute."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def activate(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show times in the viewer's zone for the length of one request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # Kept with the person: a program's is known for a second, and asks no more.
        chosen = getattr(request.user, "preference", None) or Preference()
        with timezone.override(chosen.tzinfo):
            return get_response(request)

    return middleware
