"""Models from elsewhere: brought in, examined, listed."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from pulsar_ml.examine import order
from pulsar_ml.examine.recipe import RECIPE
from pulsar_ml.features import FEATURES
from registry.datasets.ask import Brought
from registry.errors import RegistryError
from registry.models import Push
from registry.pushing import allowed
from registry.pushing.cancel import cancel as stop
from registry.pushing.forms import PushForm
from registry.pushing.receive import receive
from registry.pushing.work import is_quarantined

_SHOWN = 50
_may_view = permission_required("registry.view_version", raise_exception=True)
_may_push = permission_required("registry.add_push", raise_exception=True)


@_may_push
def new(request: Request) -> HttpResponse:
    """A file in, its examination out; or why none is taken."""
    form = PushForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, form, 422 if form.is_bound else 200)
    try:
        return redirect(start(request, form))
    except RegistryError as error:
        form.add_error(None, str(error))
    except OSError as error:
        form.add_error(None, f"The storage of the site refused: {error.strerror}.")
        return _page(request, form, 503)
    return _page(request, form, 422)


@require_safe
@_may_view
def pushes(request: Request) -> HttpResponse:
    """All of them, the newest first."""
    listed = Push.objects.select_related("version__model", "by").order_by("-pk")
    page = Paginator(listed, _SHOWN).get_page(request.GET.get("page"))
    context = {"page": page, "why_not": allowed.why_not()}
    return render(request, "registry/pushes.html", context)


@require_safe
@_may_view
def push(request: Request, pk: int) -> HttpResponse:
    """The whole page; or, for HTMX, how far it is. At its end the page is read anew."""
    found = _push_or_404(pk)
    context = {
        "push": found,
        "is_quarantined": is_quarantined(found),
        "may_push": request.user.has_perm("registry.add_push"),
    }
    if request.fragment:
        response = render(request, "registry/_push_progress.html", context)
        if not found.is_under_way:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "registry/push.html", context)


@require_POST
@_may_push
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop it."""
    found = _push_or_404(pk)
    stop(found, by=request.user)
    return redirect(found)


def start(request: Request, form: PushForm) -> Push:
    """Have examined what a form that is valid has brought."""
    cleaned = form.cleaned_data
    given = {order.CARD: cleaned["card"], order.LIST: cleaned["listed"]}
    return receive(
        _brought(cleaned["file"]),
        model=cleaned["model"],
        dataset=cleaned["dataset"],
        threshold=cleaned["threshold"],
        trained_on=cleaned["trained_on"],
        beside={name: _brought(upload) for name, upload in given.items() if upload},
        note=cleaned["note"],
        by=request.user,
    )


def _brought(upload: TemporaryUploadedFile) -> Brought:
    path = Path(upload.temporary_file_path())
    return Brought(upload.name or "unnamed", path, temporary=True)


def _push_or_404(pk: int) -> Push:
    named = Push.objects.select_related("version__model", "dataset", "by")
    return get_object_or_404(named, pk=pk)


def _page(request: Request, form: PushForm, status: int) -> HttpResponse:
    limits = settings.PULSAR.push
    context = {
        "form": form,
        "why_not": allowed.why_not(),
        "max_bytes": limits.max_mb * 2**20,
        "limits": limits,
        "recipe": RECIPE,
        "features": FEATURES,
    }
    return render(request, "registry/push_new.html", context, status=status)
