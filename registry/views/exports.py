"""Exports of labels: asked for, followed, stopped, fetched."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.work import State
from registry.errors import RegistryError
from registry.exports.ask import ask
from registry.exports.cancel import cancel as stop
from registry.exports.gone import is_changed
from registry.exports.new import new
from registry.exports.write import FILES
from registry.models import Export, Model

_SHOWN = 50
# Seconds between two looks while one is being made, and while one waits for the
# repository: that may be away for days.
_SOON, _LATER = 2, 10
_may_view = permission_required("registry.view_dataset", raise_exception=True)
_may_make = permission_required("registry.add_dataset", raise_exception=True)


@require_safe
@_may_view
def exports(request: Request) -> HttpResponse:
    """All of them, the newest first: the whole page, or the list alone for HTMX."""
    listed = Export.objects.select_related("model", "by").order_by("-pk")
    page = Paginator(listed, _SHOWN).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "files": FILES,
        "repository": settings.PULSAR.export.dvc_repository is not None,
        "follow": _follow(page),
    }
    if request.fragment:
        return render(request, "registry/_exports.html", context)
    models = Model.objects.order_by("name")
    context["waiting"] = [
        (model, new(model).count(), is_changed(model)) for model in models
    ]
    return render(request, "registry/exports.html", context)


def _follow(listed: Iterable[Export]) -> int:
    """In how many seconds the list says something else; 0 where it stays."""
    found = list(listed)
    if any(export.is_under_way for export in found):
        return _SOON
    if settings.PULSAR.export.dvc_repository is None:
        return 0
    waits = any(export.state == State.SUCCESS and not export.dvc_at for export in found)
    return _LATER if waits else 0


@require_POST
@_may_make
def make(request: Request, model: str) -> HttpResponse:
    """Give the new labels of a model out."""
    try:
        asked = ask(get_object_or_404(Model, name=model), by=request.user)
    except RegistryError as error:
        messages.error(request, str(error))
    else:
        messages.info(request, asked.note or f"Asked for {asked.export}.")
    return redirect("registry:exports")


@require_POST
@_may_make
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop one."""
    stop(export_or_404(pk), by=request.user)
    return redirect("registry:exports")


@require_safe
@_may_view
def file(request: Request, pk: int, name: str) -> FileResponse:
    """One of its files, as it was written."""
    found = export_or_404(pk)
    if name not in FILES:
        raise Http404("There is no such file.")
    if not found.manifest:
        raise Http404("It is not made yet.")
    try:
        content = (found.folder / name).open("rb")
    except OSError as error:
        raise Http404("The file is not where it was stored.") from error
    return FileResponse(
        content,
        as_attachment=True,
        filename=f"{found.model.name}-{found.number}-{name}",
        content_type=FILES[name],
    )


def export_or_404(pk: int) -> Export:
    """The export with all that its line names."""
    return get_object_or_404(Export.objects.select_related("model", "by"), pk=pk)
