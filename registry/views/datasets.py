"""Datasets: the list of all, and one of them with its files and its note."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from pulsar_ml.datasets.store import ROWS
from registry.datasets import listing
from registry.datasets.download import CSV, DICTIONARY, as_csv, dictionary, file_name
from registry.datasets.filter import DatasetFilter, NoteForm
from registry.datasets.note import note as keep_note
from registry.datasets.show import plane, show
from registry.models import Dataset
from registry.views.plotting import plotting
from registry.views.tidy import tidy

PAGE_DATASETS = 50
# Seconds between two looks while something is in the making.
_SOON = 5
_may_view = permission_required("registry.view_dataset", raise_exception=True)
_may_make = permission_required("registry.add_dataset", raise_exception=True)


@require_safe
@_may_view
def datasets(request: Request) -> HttpResponse:
    """All of them, newest first: the whole page, or the list alone for HTMX."""
    if address := tidy(request):
        return redirect(address)
    form = DatasetFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    builds = listing.builds(now())
    context = {
        "form": form,
        "page": listing.page(
            asked.get("words", ""),
            asked.get("source", ""),
            request.GET.get("page"),
            PAGE_DATASETS,
        ),
        "filtered": any(asked.values()),
        "builds": builds,
        "follow": _SOON if any(build.is_under_way for build in builds) else 0,
    }
    name = "_datasets.html" if request.fragment else "datasets.html"
    return render(request, f"registry/{name}", context)


@require_safe
@_may_view
def dataset(request: Request, number: int) -> HttpResponse:
    """One dataset; for HTMX, its rows in the plane of two columns alone."""
    found = dataset_or_404(number)
    asked = request.GET.dict()
    if request.fragment:
        context = plane(found, asked)
        return plotting(render)(request, "registry/_dataset_plane.html", context)
    context = show(found, asked) | {"form": NoteForm({"note": found.note})}
    return plotting(render)(request, "registry/dataset.html", context)


@require_POST
@_may_make
def note(request: Request, number: int) -> HttpResponse:
    """Keep what an admin says of it."""
    found = dataset_or_404(number)
    form = NoteForm(request.POST)
    if not form.is_valid():
        context = show(found, {}) | {"form": form}
        return plotting(render)(request, "registry/dataset.html", context, status=422)
    keep_note(found, form.cleaned_data["note"], by=request.user)
    messages.success(request, "The note is kept.")
    return redirect(found)


@require_safe
@_may_view
def download(request: Request, number: int, file: str) -> HttpResponseBase:
    """One of its files."""
    found = dataset_or_404(number)
    kinds = {ROWS: _parquet, CSV: _csv, DICTIONARY: _dictionary}
    if file not in kinds:
        raise Http404("There is no such file.")
    try:
        response = kinds[file](found)
    except OSError as error:
        raise Http404("The rows are not where they were stored.") from error
    name = file_name(found, file)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def dataset_or_404(number: int) -> Dataset:
    """The dataset with all that its page names."""
    known = Dataset.objects.select_related("parent", "created_by")
    return get_object_or_404(known, number=number)


def _parquet(found: Dataset) -> HttpResponseBase:
    rows = (found.folder / ROWS).open("rb")
    return FileResponse(rows, content_type="application/vnd.apache.parquet")


def _csv(found: Dataset) -> HttpResponseBase:
    return StreamingHttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")


def _dictionary(found: Dataset) -> HttpResponseBase:
    return HttpResponse(dictionary(found), content_type="application/json")
