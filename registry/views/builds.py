"""A build: how far it is, what came of it, what it refused."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from registry.datasets import cancel as stop
from registry.datasets import rejects as refused
from registry.models import Build

_REJECTS_SHOWN = 100
_may_view = permission_required("registry.view_dataset", raise_exception=True)


@require_safe
@_may_view
def build(request: Request, pk: int) -> HttpResponse:
    """The whole page; or, for HTMX, how far it is. At its end the page is read anew."""
    found = _build_or_404(pk)
    context: dict[str, object] = {
        "build": found,
        "percent": 100 * found.n_done // found.n_of if found.n_of else None,
        "seconds_left": found.seconds_left(now(), found.n_done, found.n_of),
        "may_change": request.user.has_perm("registry.add_dataset"),
    }
    if request.fragment:
        response = render(request, "registry/_build_progress.html", context)
        if not found.is_under_way:
            response["HX-Refresh"] = "true"
        return response
    if not found.is_under_way:
        context["rejects"] = refused.first(found, _REJECTS_SHOWN)
    return render(request, "registry/build.html", context)


@require_POST
@permission_required("registry.add_dataset", raise_exception=True)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop it."""
    found = _build_or_404(pk)
    stop.cancel(found, by=request.user)
    return redirect(found)


@require_safe
@_may_view
def rejects(request: Request, pk: int) -> HttpResponseBase:
    """What could not be used, all of it."""
    found = _build_or_404(pk)
    return StreamingHttpResponse(
        refused.lines(found),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="build-{pk}-rejects.csv"'
        },
    )


def _build_or_404(pk: int) -> Build:
    return get_object_or_404(Build.objects.select_related("by", "dataset"), pk=pk)
