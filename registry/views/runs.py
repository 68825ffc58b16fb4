"""Training runs, many at once: listed, as a table, compared, charted."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from registry.card.figures import SPLITS
from registry.models import Experiment, TrainingRun
from registry.runs import chart as charts
from registry.runs import compare as comparing
from registry.runs import export, listing
from registry.runs.curves import curves
from registry.runs.filter import ChartForm, RunFilter, SplitForm
from registry.runs.paper import drawing
from registry.views.plotting import plotting
from registry.views.tidy import tidy

PAGE_RUNS = 50
# Seconds between two looks: while something is under way, and while nothing is.
_SOON, _LATER = 5, 30
may_view = permission_required("registry.view_trainingrun", raise_exception=True)


@require_safe
@may_view
def runs(request: Request) -> HttpResponse:
    """Those that are wanted: the whole page, or its table alone for HTMX."""
    if address := tidy(request):
        return redirect(address)
    form = RunFilter(request.GET)
    if not form.is_valid():
        return render(request, "registry/runs.html", {"form": form}, status=422)
    wanted, split = form.wanted(), form.cleaned_data["split"]
    sort = form.cleaned_data["sort"]
    page = listing.page(wanted, sort, request.GET.get("page"), PAGE_RUNS)
    found = list(page.object_list)
    context = {
        "form": form,
        "page": page,
        "headings": listing.headings(sort, split),
        "lines": listing.lines(found, split),
        "filtered": wanted != listing.Wanted(),
        "experiment": wanted.experiment,
        "follow": _SOON if any(run.is_under_way for run in found) else _LATER,
        "most": comparing.MOST,
    }
    name = "_runs_listed.html" if request.fragment else "runs.html"
    return render(request, f"registry/{name}", context)


@require_safe
@may_view
def as_csv(request: Request) -> HttpResponseBase:
    """All that the filter lets through, in the order of the list."""
    form = RunFilter(request.GET)
    if not form.is_valid():
        return render(request, "registry/runs.html", {"form": form}, status=422)
    wanted = form.wanted().among(TrainingRun.objects.all())
    named = wanted.select_related("experiment", "dataset", "version__model", "by")
    # Streamed when the request is over, and the viewer's zone with it.
    zone = timezone.get_current_timezone()
    return StreamingHttpResponse(
        export.lines(listing.ordered(named, form.cleaned_data["sort"]), zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="runs.csv"'},
    )


@require_safe
@may_view
@plotting
def compare(request: Request) -> HttpResponse:
    """Several of them side by side, with their curves one over the other."""
    chosen = comparing.chosen(request.GET.getlist("run"))
    form = SplitForm(request.GET)
    split = (form.is_valid() and form.cleaned_data["split"]) or "holdout"
    context: dict[str, Any] = {
        "form": SplitForm({"split": split}),
        "split": SPLITS[split].label,
        "most": comparing.MOST,
        "too_many": len(set(request.GET.getlist("run"))) > comparing.MOST,
        "only": "only" in request.GET,
    }
    if len(chosen) > 1:
        context |= {
            "compared": comparing.compare(chosen, split),
            "plots": [
                (f"plot-{place}", drawing(plot), plot.figure())
                for place, plot in enumerate(curves(chosen, split))
            ],
        }
    return render(request, "registry/runs_compare.html", context)


@require_safe
@may_view
@plotting
def chart(request: Request) -> HttpResponse:
    """A figure of every run that is wanted, against a parameter or another figure."""
    if address := tidy(request):
        return redirect(address)
    form, wanted = ChartForm(request.GET), RunFilter(request.GET)
    if not (form.is_valid() and wanted.is_valid()):
        context = {"form": ChartForm(), "refused": [form, wanted]}
        return render(request, "registry/runs_chart.html", context, status=422)
    asked = form.asked()
    drawn = charts.chart(wanted.wanted(), asked)
    others = {k: v for k, v in request.GET.items() if k in wanted.fields}
    context = {
        "form": ChartForm({**asked._asdict(), "log": asked.is_logarithmic}),
        "chart": drawn,
        "drawing": drawing(drawn.plot) if drawn.plot else None,
        "figure": drawn.plot.figure() if drawn.plot else None,
        "others": others,
        "filtered": wanted.wanted() != listing.Wanted(),
    }
    context["back"] = f"?{urlencode(others)}" if others else ""
    return render(request, "registry/runs_chart.html", context)


def known_experiments() -> list[str]:
    """What a field for an experiment proposes: the newest ones."""
    newest = Experiment.objects.order_by("-pk").values_list("name", flat=True)
    return list(newest[:200])
