"""A request as it reaches a view, for annotations: what the middlewares added."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class Request(HttpRequest):
    """A request of somebody who has logged in."""

    user: User
    htmx: HtmxDetails
    # True when HTMX wants the part of the page alone.
    fragment: bool
