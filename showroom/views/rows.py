"""One row or one reject of a batch, with everything that is known of it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import Request
from pulsar_ml import plots
from pulsar_ml.candidate import Candidate
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.pfd import Pfd
from registry import serving
from registry.views.plotting import plotting
from showroom import catalogue, present, raw, rows
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.origin import origin
from showroom.raw import Raw
from showroom.storage.gone import why_gone
from showroom.views.find import batch_or_404, reject_or_404, row_of
from showroom.views.judging import before
from showroom.views.plotting import figures_of, picture_of, svg_of
from showroom.views.reading import reading

_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_safe
@_may_view
@reading
def row(request: Request, number: int, row: int) -> HttpResponse:
    """Why a row has its score, how it compares, what it looks like, whence it comes."""
    batch = batch_or_404(request, number)
    found = row_of(batch, row)
    if found is None:
        reject_or_404(batch, row)
        return redirect("showroom:reject", number, row)
    behind = _as_asked(request, raw.of_row(batch, found))
    candidate, trouble = _opened(behind)
    said = raw.metadata(batch, found)
    header = catalogue.seen(said, candidate.header if candidate else None)
    if candidate:
        candidate = replace(candidate, header=header)
    known = catalogue.ask(header)
    context = {
        "batch": batch,
        "row": found,
        "metadata": raw.besides(said) if candidate else said,
        "header": header,
        "known": known,
        **before(request, batch, row, known.matches),
        "case": raw.case_of(found) if batch.day else None,
        "origin": origin(batch, row, behind),
        "trouble": trouble,
        **_plots(request, batch, row, candidate),
        **_judged(batch, found),
    }
    return _page(request, "showroom/row.html", context)


@require_safe
@_may_view
@reading
def row_beside(
    request: Request, number: int, row: int, *, backwards: bool
) -> HttpResponse:
    """On to the row after this one, or before it, in the order of the table.

    It may take a look at every row, so that it is looked for when it is asked for.
    """
    batch = batch_or_404(request, number)
    found = row_of(batch, row)
    if found is None:
        raise Http404("The batch has no such row.")
    wanted = _wanted(request, batch)
    other = rows.beside(batch, wanted, found, backwards=backwards)
    if other is None:
        end = "first" if backwards else "last"
        messages.info(request, f"This is the {end} row of these.")
    address = reverse("showroom:row", args=[number, other or row])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


@require_safe
@_may_view
@reading
def reject(request: Request, number: int, row: int) -> HttpResponse:
    """Why a row or file could not be used, and its plots where there are any."""
    batch = batch_or_404(request, number)
    found = reject_or_404(batch, row)
    behind = _as_asked(request, raw.of_reject(batch, found))
    # What a file that cannot be opened is lacking, its reason says already.
    candidate, _ = _opened(behind)
    context = {
        "batch": batch,
        "reject": found,
        "trouble": why_gone(behind.file) if behind and behind.file else "",
        "header": candidate.header if candidate else None,
        **_plots(request, batch, row, candidate),
    }
    return _page(request, "showroom/reject.html", context)


@require_safe
@_may_view
@reading
def row_picture(request: Request, number: int, row: int, theme: str) -> HttpResponse:
    """A row's plots, for pages without JavaScript, for lists and for print."""
    return picture_of(_raw_row(request, number, row), theme)


@require_safe
@_may_view
@reading
def row_svg(request: Request, number: int, row: int, theme: str) -> HttpResponse:
    """A row's plots, for print in any size."""
    return svg_of(_raw_row(request, number, row), theme)


@require_safe
@_may_view
@reading
def row_figures(request: Request, number: int, row: int, theme: str) -> HttpResponse:
    """A row's plots, to be drawn by the page."""
    return figures_of(_raw_row(request, number, row), theme)


@require_safe
@_may_view
@reading
def reject_picture(request: Request, number: int, row: int, theme: str) -> HttpResponse:
    """A reject's plots as one picture."""
    return picture_of(_raw_reject(request, number, row), theme)


@require_safe
@_may_view
@reading
def reject_svg(request: Request, number: int, row: int, theme: str) -> HttpResponse:
    """A reject's plots, for print in any size."""
    return svg_of(_raw_reject(request, number, row), theme)


@require_safe
@_may_view
@reading
def reject_figures(request: Request, number: int, row: int, theme: str) -> HttpResponse:
    """A reject's plots, to be drawn by the page."""
    return figures_of(_raw_reject(request, number, row), theme)


def _raw_row(request: Request, number: int, row: int) -> Raw | None:
    batch = batch_or_404(request, number)
    found = row_of(batch, row)
    return _as_asked(request, raw.of_row(batch, found) if found else None)


def _raw_reject(request: Request, number: int, row: int) -> Raw | None:
    batch = batch_or_404(request, number)
    return _as_asked(request, raw.of_reject(batch, reject_or_404(batch, row)))


def _as_asked(request: Request, behind: Raw | None) -> Raw | None:
    """As the file has it; without interference only where that is asked for."""
    if behind is None or not _is_masked(request):
        return behind
    return raw.without_interference(behind)


def _is_masked(request: Request) -> bool:
    return request.GET.get("mask") == "1"


def _page(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    if not context["candidate"]:
        return render(request, template, context)
    return plotting(render)(request, template, context)


def _opened(behind: Raw | None) -> tuple[Candidate | None, str]:
    """The candidate, or why there is none to look at."""
    if behind is None:
        return None, ""
    try:
        return behind.open(), ""
    except PulsarError as error:
        return None, str(error)
    except OSError as error:
        return None, error.strerror or str(error)


def _plots(
    request: Request, batch: Batch, row: int, candidate: Candidate | None
) -> dict[str, Any]:
    # The page's own name, row or reject, is that of its plots.
    of = request.resolver_match.view_name if request.resolver_match else ""
    query = "?mask=1" if _is_masked(request) else ""

    def address(kind: str, theme: str) -> str:
        return reverse(f"{of}-{kind}", args=[batch.pk, row, theme]) + query

    return {
        "candidate": candidate,
        "can_mask": isinstance(candidate, Pfd),
        "is_masked": _is_masked(request),
        "facts": _facts(candidate) if candidate else [],
        "plots": {
            f"{theme}_{kind}": address(kind, theme)
            for theme in ("light", "dark")
            for kind in ("picture", "svg", "figures")
        },
    }


def _facts(candidate: Candidate) -> list[tuple[str, str]]:
    try:
        chi2 = candidate.reduced_chi2()
    except PulsarError:
        # The plots say so too; what the header has is shown all the same.
        chi2 = None
    return plots.facts(candidate.header, chi2)


def _judged(batch: Batch, found: rows.Row) -> dict[str, Any]:
    """Threshold, reasons and comparison; or why the version cannot be asked."""
    features = [found[name] for name in FEATURES]
    try:
        scorer = serving.serve(batch.version).scorer
    except PulsarError as error:
        return {"threshold": batch.version.card["threshold"], "silent": str(error)}
    return {
        "threshold": scorer.threshold,
        "explanation": present.explanation(scorer, features),
        "strips": present.strips(scorer.reference, features),
    }


def _wanted(request: Request, batch: Batch) -> dict[str, Any]:
    """What the table shows that one comes from; where that is senseless, all rows."""
    form = RowsForm(request.GET, batch=batch, user=request.user)
    if not form.is_valid():
        form = RowsForm({})
        form.is_valid()
    return form.cleaned_data
