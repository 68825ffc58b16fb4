"""Two batches of the same files, one against the other."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from showroom import compare
from showroom.forms import DifferingForm
from showroom.views.find import same_or_404
from showroom.views.reading import reading
from showroom.views.sending import as_csv

_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_safe
@_may_view
@reading
def against(request: Request, number: int, other: int) -> HttpResponse:
    """How often two versions agree, and on which rows they do not."""
    first, second = same_or_404(request, number, other)
    both = first, second
    context: dict[str, object] = {"first": first, "second": second, "both": both}
    if any(batch.is_under_way for batch in both):
        return render(request, "showroom/against.html", context)
    form = DifferingForm(request.GET)
    only = request.GET.get("only", "")
    if not form.is_valid() or only not in compare.KINDS:
        return HttpResponseBadRequest("This address does not lead to a page of rows.")
    size = settings.PULSAR.showroom.page_rows
    context["only"] = only
    context["page"] = compare.page(first, second, form.cleaned_data, size, only)
    if request.fragment:
        return render(request, "showroom/_differing.html", context)
    summary = compare.summary(first, second)
    missing = summary.missing_in_first, summary.missing_in_second
    context |= {"summary": summary, "missing_in": zip(missing, both, strict=True)}
    return render(request, "showroom/against.html", context)


@require_safe
@_may_view
@reading
def differing_csv(request: Request, number: int, other: int) -> HttpResponseBase:
    """Every row on which they do not agree."""
    first, second = same_or_404(request, number, other)
    lines = compare.differing_csv(first, second)
    return as_csv(lines, f"batch-{first.pk}-against-{second.pk}.csv")
