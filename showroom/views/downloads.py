"""Downloads: a batch's rows as files, at once or prepared by a worker."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.requests import Request
from pulsar_ml.writers.write import by_name, by_suffix
from showroom.downloads import prepare
from showroom.downloads.download import download, is_there
from showroom.downloads.export import file_name
from showroom.downloads.listed import words
from showroom.errors import ShowroomError
from showroom.forms import RowsForm
from showroom.models import Download
from showroom.views.find import batch_or_404, download_or_404
from showroom.views.reading import reading

_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_GET
@_may_view
@reading
def scores(request: Request, number: int, suffix: str) -> HttpResponseBase:
    """The rows that the page shows, all of them; or the page on which they will be."""
    batch = batch_or_404(request, number)
    kind = by_suffix(f"scores.{suffix}")
    if kind is None or f".{suffix}" != kind.suffixes[0]:
        raise Http404("There is no such format.")
    if not RowsForm(request.GET, batch=batch, user=request.user).is_valid():
        return HttpResponseBadRequest("This address asks for rows in an unknown way.")
    try:
        found = download(batch, request.GET, kind, by=request.user)
    except ShowroomError as error:
        messages.error(request, str(error))
        return redirect(batch)
    if isinstance(found, Download):
        return redirect(found)
    response = FileResponse(found, content_type=kind.media_type)
    return _as_file(response, file_name(batch, kind, request.GET))


@require_safe
@_may_view
def one(request: Request, pk: int) -> HttpResponse:
    """How far it is, and then the file: the whole page, or the part that changes."""
    found = download_or_404(request, pk)
    name = "_preparing.html" if request.fragment else "download.html"
    return render(request, f"showroom/{name}", _context(request, found))


@require_safe
@_may_view
def file(request: Request, pk: int) -> HttpResponseBase:
    """The file, if it is still there; else the page that says so."""
    found = download_or_404(request, pk)
    kind = by_name(found.format)
    if kind is None or not is_there(found):
        return redirect(found)
    response = FileResponse(found.path.open("rb"), content_type=kind.media_type)
    return _as_file(response, found.name)


@require_POST
@_may_view
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop it."""
    found = download_or_404(request, pk)
    if not prepare.may_cancel(request.user, found):
        raise PermissionDenied("Only who asked for it, or an operator, may do that.")
    prepare.cancel(found)
    return redirect(found)


def _context(request: Request, found: Download) -> dict[str, object]:
    kind = by_name(found.format)
    return {
        "download": found,
        "batch": found.batch,
        "kind": kind,
        "suffix": kind.suffixes[0].removeprefix(".") if kind else "",
        "wanted": words(found),
        "percent": 100 * found.n_written // max(found.n_rows, 1),
        "seconds_left": found.seconds_left(now(), found.n_written, found.n_rows),
        "is_there": is_there(found),
        "may_change": prepare.may_cancel(request.user, found),
    }


def _as_file(response: FileResponse, name: str) -> FileResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
