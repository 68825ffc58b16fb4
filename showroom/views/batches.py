"""One batch: how it goes, what came out, and its downloads."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from showroom import download, rows, table
from showroom.cancel import cancel, resume
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.show import WIDTH, bars, shown
from showroom.views.find import batch_or_404

_FILES_SHOWN = 20
_REJECTS_SHOWN = 20
_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_safe
@_may_view
def batch(request: Request, number: int) -> HttpResponse:
    """Counts, histogram, rows and rejects; or the progress while it runs."""
    found = batch_or_404(request, number)
    if found.is_under_way:
        return render(request, "showroom/batch.html", _progress(request, found))
    shown(found, by=request.user)
    form = RowsForm(request.GET)
    if not form.is_valid():
        context = {"batch": found, "form": form}
        return render(request, "showroom/batch.html", context, status=400)
    context = _progress(request, found) | _table(found, form)
    if request.fragment:
        return render(request, "showroom/_rows.html", context)
    return render(request, "showroom/batch.html", context | _overview(found))


@require_safe
@_may_view
def progress(request: Request, number: int) -> HttpResponse:
    """The progress alone; when the work has ended, the page is to be read anew."""
    found = batch_or_404(request, number)
    response = render(request, "showroom/_progress.html", _progress(request, found))
    if not found.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@_may_view
def cancel_batch(request: Request, number: int) -> HttpResponse:
    """Stop it."""
    found = batch_or_404(request, number)
    _may_change(request, found)
    cancel(found, by=request.user)
    return redirect(found)


@require_POST
@_may_view
def resume_batch(request: Request, number: int) -> HttpResponse:
    """Go on where it stopped."""
    found = batch_or_404(request, number)
    _may_change(request, found)
    resume(found, by=request.user)
    return redirect(found)


@require_safe
@_may_view
def scores_csv(request: Request, number: int) -> HttpResponseBase:
    """The rows that the page shows, all of them."""
    found = batch_or_404(request, number)
    form = RowsForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("This address asks for rows in an unknown way.")
    lines = download.scores_csv(found, form.cleaned_data)
    return _as_file(lines, f"batch-{found.pk}-scores.csv")


@require_safe
@_may_view
def rejects_csv(request: Request, number: int) -> HttpResponseBase:
    """What could not be used, all of it."""
    found = batch_or_404(request, number)
    return _as_file(download.rejects_csv(found), f"batch-{found.pk}-rejects.csv")


def _progress(request: Request, batch: Batch) -> dict[str, object]:
    return {
        "batch": batch,
        "seconds_left": batch.seconds_left(now(), batch.bytes_read, batch.bytes_total),
        "may_change": _can_change(request, batch),
    }


def _table(batch: Batch, form: RowsForm) -> dict[str, object]:
    wanted = form.cleaned_data
    page = rows.page(batch, wanted, settings.PULSAR.showroom.page_rows)
    headings = table.columns(batch, wanted["sort"])
    return {
        "form": form,
        "wanted": wanted,
        "page": page,
        "columns": headings,
        "cells": table.cells(headings, page.rows),
    }


def _overview(batch: Batch) -> dict[str, object]:
    threshold = batch.version.card["threshold"]
    files = batch.files.order_by("position")
    return {
        "files": files[:_FILES_SHOWN],
        "more_files": max(0, files.count() - _FILES_SHOWN),
        "bars": bars(batch),
        "threshold": threshold,
        "threshold_x": threshold * WIDTH,
        "rejects": list(rows.rejects(batch, _REJECTS_SHOWN)),
    }


def _can_change(request: Request, batch: Batch) -> bool:
    user = request.user
    return batch.owner_id == user.pk or user.has_perm("showroom.change_batch")


def _may_change(request: Request, batch: Batch) -> None:
    if not _can_change(request, batch):
        raise PermissionDenied("Only its owner, an operator or an admin may do that.")


def _as_file(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
