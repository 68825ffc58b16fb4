"""Addresses that people send each other hold what was asked for, and no more."""

from django.http import HttpRequest


def tidy(request: HttpRequest) -> str | None:
    """The same address without the fields of a form that were left empty, if any."""
    asked = request.GET.copy()
    for name, values in request.GET.lists():
        asked.setlist(name, [value for value in values if value])
    if all(value for _, values in request.GET.lists() for value in values):
        return None
    query = asked.urlencode()
    return f"{request.path}?{query}" if query else request.path
