"""A request as it reaches a view, for annotations: what the middlewares added."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class Request(HttpRequest):
    """A request of somebody who has logged in."""

    user: User
    htmx: HtmxDetails
    # True when HTMX wants the part of the page alone.
    fragment: bool


def client_address(request: HttpRequest) -> str:
    """Where a request comes from; the proxy in front wrote the last of the list."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PULSAR.site.behind_proxy:
        return direct
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(forwarded))
    except ValueError:
        return direct  # no list, or one of names or ports
