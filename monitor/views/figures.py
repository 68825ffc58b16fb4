"""Figures over a day, a week or a month: all of them, and one by itself."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from monitor import export
from monitor.figures.chart import chart, charts
from monitor.figures.declared import called
from monitor.figures.series import RANGES, Range, names, series
from monitor.figures.summary import label, places, summary

# As often as there is something new.
_MINUTE = 60
# Lines of one figure in the table of its page; more are in the download.
_LINES = 200
_POINTS = 1_000

allowed = permission_required("monitor.view_check", raise_exception=True)


@require_safe
@allowed
def figures(request: Request) -> HttpResponse:
    """Every figure as a small chart: the whole page, or the charts for HTMX."""
    wanted, at = _range(request), timezone.now()
    drawn = charts(series(names(), wanted, at), wanted, at)
    context = {"charts": drawn, **_around(wanted)}
    name = "_figures.html" if request.fragment else "figures.html"
    return render(request, f"monitor/{name}", context)


@require_safe
@allowed
def figure(request: Request, name: str) -> HttpResponse:
    """One figure: its chart, its lines, its points."""
    wanted, at = _range(request), timezone.now()
    if name not in names():
        raise Http404("There is no such figure.")
    known, lines = called(name), series([name], wanted, at)
    one = [line for line in lines if line.labels == request.GET.get("line")]
    shown = one or lines
    context = {
        "figure": known,
        "chart": chart(known, shown, wanted, at) if shown else None,
        "one": label(one[0].labels) if one else "",
        "summaries": [summary(line, known.unit) for line in lines[:_LINES]],
        "places": places(shown, known.unit, _POINTS),
        **_around(wanted),
    }
    return render(request, "monitor/figure.html", context)


@require_safe
@allowed
def figure_csv(request: Request, name: str) -> HttpResponseBase:
    """The points of all lines of one figure, as a table."""
    wanted, at = _range(request), timezone.now()
    lines = series([name], wanted, at)
    if not lines:
        raise Http404("There is no such figure, or nothing of it in this time.")
    zone = timezone.get_current_timezone()
    rows = (
        [point.at.astimezone(zone).isoformat(), line.labels, *map(str, point[1:])]
        for line in lines
        for point in line.points
    )
    head = ["at", "labels", "samples", "mean", "lowest", "highest"]
    return StreamingHttpResponse(
        export.lines([head, *rows]),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{wanted.name}.csv"'
        },
    )


def _range(request: Request) -> Range:
    wanted = request.GET.get("range", "day")
    if wanted not in RANGES:
        raise Http404("The range is a day, a week or a month.")
    return RANGES[wanted]


def _around(wanted: Range) -> dict[str, object]:
    refresh = max(_MINUTE, settings.PULSAR.monitor.refresh_seconds)
    return {"range": wanted, "ranges": RANGES.values(), "refresh": refresh}
