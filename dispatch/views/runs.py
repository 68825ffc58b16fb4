"""Runs: the list of all, and one of them as it happens."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from dispatch.errors import DispatchError
from dispatch.models import Run
from dispatch.runs import listing, show, tail
from dispatch.runs.cancel import cancel, retry
from dispatch.runs.filter import RunFilter
from monitor.place import BadPlace, Place
from monitor.work import State
from registry.views.tidy import tidy
from showroom.pace import pace

PAGE_RUNS = 50
# Seconds between two looks: while something is under way, and while nothing is.
_SOON, _LATER = 5, 30
# What Retry takes up again.
_STOPPED = (State.FAILED, State.CANCELLED)
_may_view = permission_required("dispatch.view_schedule", raise_exception=True)
_may_run = permission_required("dispatch.add_run", raise_exception=True)


@require_safe
@_may_view
def runs(request: Request) -> HttpResponse:
    """All of them, newest first: the whole page, or its table alone for HTMX."""
    if address := tidy(request):
        return redirect(address)
    form = RunFilter(request.GET)
    if not form.is_valid():
        return render(request, "dispatch/runs.html", {"form": form}, status=422)
    before = _place(request)
    page = listing.page(form.wanted(), before, PAGE_RUNS)
    context = {
        "form": form,
        "page": page,
        "runs": page.runs,
        "before": before,
        "filtered": any(form.cleaned_data.values()),
        "follow": 0 if before else _follow(page.runs),
    }
    name = "_runs_listed.html" if request.fragment else "runs.html"
    return render(request, f"dispatch/{name}", context)


@require_safe
@_may_view
def run(request: Request, pk: int) -> HttpResponse:
    """One run: how it goes, or what came of it."""
    found = _run_or_404(pk)
    context = _progress(request, found)
    return render(request, "dispatch/run.html", context | _result(request, found))


@require_safe
@_may_view
def progress(request: Request, pk: int) -> HttpResponse:
    """The progress alone; when the run has ended, the page is to be read anew."""
    found = _run_or_404(pk)
    context = _progress(request, found)
    response = render(request, "dispatch/_run_progress.html", context)
    if not found.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@_may_view
def log(request: Request, pk: int) -> HttpResponse:
    """Its log as a text file; or, for HTMX, the end of it."""
    found = _run_or_404(pk)
    if request.fragment:
        context = {"run": found, "log": tail.tail(found)}
        return render(request, "_run_log.html", context)
    text, left_out = tail.whole(found)
    if left_out:
        text = f"[{left_out} bytes before this are in {tail.path(found)}]\n{text}"
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="run-{found.pk}.log"'},
    )


@require_POST
@_may_run
def cancel_run(request: Request, pk: int) -> HttpResponse:
    """Stop it."""
    found = _run_or_404(pk)
    cancel(found, by=request.user)
    return redirect(found)


@require_POST
@_may_run
def retry_run(request: Request, pk: int) -> HttpResponse:
    """Go on where it stopped."""
    found = _run_or_404(pk)
    try:
        retry(found, by=request.user)
    except DispatchError as error:
        messages.error(request, str(error))
    return redirect(found)


def _run_or_404(pk: int) -> Run:
    named = Run.objects.select_related("schedule", "slot", "by", "version__model")
    return get_object_or_404(named, pk=pk)


def _follow(runs: list[Run]) -> int:
    """How soon the list is looked at again; the clock may start one at any time."""
    return _SOON if any(run.is_under_way for run in runs) else _LATER


def _place(request: Request) -> Place | None:
    text = request.GET.get("before", "")
    try:
        return Place.named(text) if text else None
    except BadPlace as error:
        raise Http404 from error


def _progress(request: Request, run: Run) -> dict[str, object]:
    batch = show.batch(run, request.user)
    steps, earlier = show.steps(run)
    return {
        "run": run,
        "batch": batch,
        "steps": steps,
        "earlier": earlier,
        "lasts": show.lasts(run),
        "line": show.line(run) if run.state == State.QUEUED else None,
        "pace": pace(batch) if batch and run.is_under_way else None,
        "may_run": request.user.has_perm("dispatch.add_run"),
    }


def _result(request: Request, run: Run) -> dict[str, object]:
    """What stands beside the progress, and is read once."""
    context: dict[str, object] = {
        "log": tail.tail(run),
        "output": list(show.output(run)),
        "served": run.served.order_by("at")[:10],
    }
    if run.state == State.SKIPPED:
        context["beside"] = show.beside(run)
    if run.state in _STOPPED:
        context["advice"] = show.advice(run)
        context["in_the_way"] = show.in_the_way(run)
    batch = show.batch(run, request.user)
    if batch and batch.n_rejected and not run.is_under_way:
        context["rejects"] = show.rejects(batch)
    return context
