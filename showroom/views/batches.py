"""One batch: how it goes, what came out, and its downloads."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from registry.views.tidy import tidy
from showroom import rows, table
from showroom.cancel import cancel, may_change, resume
from showroom.chips import chips
from showroom.downloads import download, listed
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.pace import pace
from showroom.show import WIDTH, bars, shown
from showroom.storage import usage
from showroom.storage.delete import may_delete
from showroom.verdicts.chosen import spoken
from showroom.verdicts.counting import counted
from showroom.verdicts.steps import steps
from showroom.verdicts.visibility import may_blind, may_open
from showroom.views.again import onward
from showroom.views.find import batch_or_404, batch_to_change
from showroom.views.reading import reading
from showroom.views.sending import as_csv

_FILES_SHOWN = 20
_REJECTS_SHOWN = 20
_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_safe
@_may_view
@reading
def batch(request: Request, number: int) -> HttpResponse:
    """Counts, histogram, rows and rejects; or the progress while it runs."""
    found = batch_or_404(request, number)
    if found.is_under_way:
        return render(request, "showroom/batch.html", _progress(request, found))
    if address := tidy(request):
        return redirect(address)
    shown(found, by=request.user)
    form = RowsForm(request.GET, batch=found, user=request.user)
    is_valid = form.is_valid()
    context = _progress(request, found) | _rows(request, found, form)
    if request.fragment:
        # What HTMX is to show although it is wrong has this status.
        status = 200 if is_valid else 422
        return render(request, "showroom/_rows.html", context, status=status)
    context |= _overview(found) | onward(request, found) | _verdicts(request, found)
    status = 200 if is_valid else 400
    return render(request, "showroom/batch.html", context, status=status)


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
    found = batch_to_change(request, number)
    cancel(found, by=request.user)
    return redirect(found)


@require_POST
@_may_view
def resume_batch(request: Request, number: int) -> HttpResponse:
    """Go on where it stopped."""
    found = batch_to_change(request, number)
    resume(found, by=request.user)
    return redirect(found)


@require_safe
@_may_view
@reading
def rejects_csv(request: Request, number: int) -> HttpResponseBase:
    """What could not be used, all of it."""
    found = batch_or_404(request, number)
    return as_csv(download.rejects_csv(found), f"batch-{found.pk}-rejects.csv")


def _progress(request: Request, batch: Batch) -> dict[str, object]:
    return {
        "batch": batch,
        "pace": pace(batch),
        "may_change": may_change(request.user, batch),
        "may_delete": may_delete(request.user, batch),
    }


def _rows(request: Request, batch: Batch, form: RowsForm) -> dict[str, object]:
    """The histogram and the table; where nothing sensible is asked for, only why."""
    threshold = batch.version.card["threshold"]
    context: dict[str, object] = {
        "form": form,
        "threshold": threshold,
        "threshold_x": threshold * WIDTH,
    }
    if not form.is_valid():
        return context | {"bars": bars(batch)}
    wanted = form.cleaned_data
    headings = table.columns(batch, wanted["sort"])
    names = [heading.name for heading in headings if heading.name != table.VERDICT]
    page = rows.page(batch, wanted, settings.PULSAR.showroom.page_rows, names)
    said = spoken(batch, request.user, [row["row"] for row in page.rows])
    told = [row | {table.VERDICT: said.get(row["row"])} for row in page.rows]
    return context | {
        "wanted": wanted,
        "chips": chips(request.GET),
        "page": page,
        "bars": bars(batch, wanted),
        "columns": headings,
        "cells": table.cells(headings, told),
        "prepared": listed.newest(batch, to=request.user),
    }


def _overview(batch: Batch) -> dict[str, object]:
    files = batch.files.order_by("position")
    return {
        "files": files[:_FILES_SHOWN],
        "more_files": max(0, files.count() - _FILES_SHOWN),
        "sized": usage.sized(Batch.objects.filter(pk=batch.pk)).get(),
        "rejects": list(rows.rejects(batch, _REJECTS_SHOWN)),
    }


def _verdicts(request: Request, batch: Batch) -> dict[str, object]:
    return {
        "counted": counted(batch, request.user),
        "steps": steps(request.user),
        "may_blind": may_blind(request.user, batch),
        "may_open": may_open(request.user, batch),
    }
