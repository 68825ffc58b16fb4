"""The event log, as a page and as a table."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from monitor import export, history, log_lines, people
from monitor.events import KINDS
from monitor.forms import EventFilter

PAGE_LINES = 100

allowed = permission_required("monitor.view_event", raise_exception=True)


@require_safe
@allowed
def events(request: Request) -> HttpResponse:
    """The event log: the whole page, or its table alone for HTMX."""
    form = EventFilter(request.GET)
    name = "_events.html" if request.fragment else "events.html"
    if not form.is_valid():
        return render(request, "monitor/events.html", {"form": form}, status=422)
    before = _place(request)
    page = history.page(form.wanted(), before, PAGE_LINES)
    context = {
        "form": form,
        "page": page,
        "names": people.names(line.event for line in page.lines),
        "kinds": KINDS,
        "filtered": any(form.cleaned_data.values()),
        "follow": "follow" in request.GET and not before,
        "before": before,
    }
    return render(request, f"monitor/{name}", context)


@require_safe
@allowed
def events_csv(request: Request) -> HttpResponseBase:
    """Everything the filter lets through, as a table."""
    form = EventFilter(request.GET)
    if not form.is_valid():
        return render(request, "monitor/events.html", {"form": form}, status=422)
    pages = log_lines.pages(form.wanted())
    if pages is None:
        return HttpResponse(
            "The event log cannot be reached; try again in a minute.\n",
            status=503,
            content_type="text/plain",
        )
    # Streamed when the request is over, and the viewer's zone with it.
    zone = timezone.get_current_timezone()
    return StreamingHttpResponse(
        export.lines(log_lines.table(log_lines.lines(pages), zone)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="events.csv"'},
    )


def _place(request: Request) -> history.Place | None:
    text = request.GET.get("before", "")
    try:
        return history.Place.named(text) if text else None
    except history.BadPlace as error:
        raise Http404 from error
