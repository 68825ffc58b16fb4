"""Versions, and what their cards say."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.requests import Request
from registry.models import AliasMove, Version
from registry.card.present import figures

_may_view = permission_required("registry.view_version", raise_exception=True)


@_may_view
def versions(request: Request) -> HttpResponse:
    """Every version, and how the aliases came to be where they are."""
    context = {
        "versions": Version.objects.newest_first(),
        "moves": AliasMove.objects.select_related(
            "model", "before__model", "after__model", "by"
        ).order_by("-at")[:20],
    }
    return render(request, "registry/versions.html", context)


@_may_view
def version(request: Request, model: str, number: int) -> HttpResponse:
    """One version and what its card says."""
    found = get_object_or_404(
        Version.objects.newest_first(), model__name=model, number=number
    )
    context = {"version": found, "figures": figures(found.card)}
    return render(request, "registry/version.html", context)


def as_json(request, **kw):
    raise Http404


def as_markdown(request, **kw):
    raise Http404
