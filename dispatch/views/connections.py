"""Connections to databases: which there are, and whether they answer."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from dispatch.connections.listed import listed
from dispatch.connections.look import look

_may_see = permission_required("dispatch.add_run", raise_exception=True)


@require_safe
@_may_see
def connections(request: Request) -> HttpResponse:
    """All of them."""
    return render(request, "dispatch/connections.html", _context())


@require_POST
@_may_see
def test(request: Request, slug: str) -> HttpResponse:
    """One of them, tried now: it alone for HTMX, else the whole page."""
    context = _context()
    found = next(
        (one for one in context["listed"] if one.connection.name == slug), None
    )
    if found is None:
        raise Http404
    context |= {"tested": slug, "steps": look(slug), "one": found}
    name = "_connection.html" if request.fragment else "connections.html"
    return render(request, f"dispatch/{name}", context)


def _context() -> dict[str, Any]:
    return {"listed": listed(), "config_file": settings.CONFIG_FILE}
