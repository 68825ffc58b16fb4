"""Sentinels: the known pulsars that no version may lose."""

from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from pulsar_ml.errors import PulsarError
from registry.errors import RegistryError
from registry.models import Dataset, Sentinel
from registry.sentinels.add import add as put_in
from registry.sentinels.add import put_back
from registry.sentinels.forms import FileForm, NoteForm, SearchForm
from registry.sentinels.read import read_file, why
from registry.sentinels.remove import remove as take_out
from registry.sentinels.search import MOST, chosen, search
from registry.sentinels.uses import uses

PAGE_SENTINELS = 200
# Of a file's rows that were not taken, so many are told.
_TOLD = 5
_may_view = permission_required("registry.view_sentinel", raise_exception=True)
_may_add = permission_required("registry.add_sentinel", raise_exception=True)
_may_change = permission_required("registry.change_sentinel", raise_exception=True)


@require_safe
@_may_view
def sentinels(request: Request) -> HttpResponse:
    """The set as it is, where each stands, and those that were taken out."""
    present = Sentinel.objects.filter(removed_at=None).select_related("added_by")
    page = Paginator(present.order_by("name", "pk"), PAGE_SENTINELS).get_page(
        request.GET.get("page")
    )
    shown = list(page)
    found = uses(shown)
    context = {
        "page": page,
        "lines": [(sentinel, found[sentinel.hash]) for sentinel in shown],
        "removed": Sentinel.objects.filter(removed_at__isnull=False).order_by(
            "-removed_at"
        )[:PAGE_SENTINELS],
    }
    return render(request, "registry/sentinels.html", context)


@_may_add
def add(request: Request) -> HttpResponse:
    """By a file of rows, or from the pulsars of a dataset."""
    if request.method != "POST":
        return _page(request, FileForm())
    return _by_choice(request) if "dataset" in request.POST else _by_file(request)


@require_POST
@_may_change
def remove(request: Request, pk: int) -> HttpResponse:
    """Take one out of the set."""
    take_out(get_object_or_404(Sentinel, pk=pk), by=request.user)
    return redirect("registry:sentinels")


@require_POST
@_may_change
def restore(request: Request, pk: int) -> HttpResponse:
    """Put it back."""
    put_back(get_object_or_404(Sentinel, pk=pk), by=request.user)
    return redirect("registry:sentinels")


def _by_file(request: Request) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    upload = form.cleaned_data["file"]
    try:
        found = read_file(Path(upload.temporary_file_path()), upload.name)
    except PulsarError as error:
        form.add_error("file", str(error))
        return _page(request, form, status=422)
    except OSError as error:
        form.add_error("file", f"It cannot be read: {error.strerror}.")
        return _page(request, form, status=422)
    added = put_in(found.pulsars, note=form.cleaned_data["note"], by=request.user)
    messages.success(request, f"{upload.name}: {added}.")
    if n := found.n_rejected:
        told = " ".join(why(reject) for reject in found.rejects[:_TOLD])
        were = "row was" if n == 1 else "rows were"
        messages.warning(request, f"{n:,} {were} not taken. {told}")
    return redirect("registry:sentinels")


def _by_choice(request: Request) -> HttpResponse:
    dataset = get_object_or_404(Dataset, number=_number(request.POST.get("dataset")))
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Note: {form.errors['note'][0]}")
        return _page(request, FileForm(), status=422)
    try:
        pulsars = chosen(dataset, request.POST.getlist("hash")[:MOST])
    except (RegistryError, OSError) as error:
        messages.error(request, str(error))
        return redirect("registry:sentinels-add")
    if not pulsars:
        messages.error(request, "Tick at least one pulsar.")
        return _page(request, FileForm(), status=422)
    added = put_in(pulsars, note=form.cleaned_data["note"], by=request.user)
    messages.success(request, f"{dataset}: {added}.")
    return redirect("registry:sentinels")


def _page(request: Request, form: FileForm, status: int = 200) -> HttpResponse:
    asked = SearchForm(request.GET if "dataset" in request.GET else None)
    context = {"form": form, "search": asked, "most": MOST}
    if asked.is_bound and asked.is_valid():
        dataset = asked.cleaned_data["dataset"]
        try:
            found = search(dataset, asked.cleaned_data["text"])
        except (RegistryError, OSError) as error:
            messages.error(request, str(error))
        else:
            context |= {
                "dataset": dataset,
                "found": found[:MOST],
                "more": len(found) > MOST,
            }
    return render(request, "registry/sentinels_add.html", context, status=status)


def _number(text: str | None) -> int:
    """A dataset's number; what is none names no dataset."""
    is_one = text and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if text and is_one else 0
