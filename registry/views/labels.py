"""Labels: found, counted, brought in, taken back."""

from pathlib import Path
from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.place import BadPlace, Place
from registry.datasets.ask import Brought
from registry.errors import RegistryError
from registry.labels import listing
from registry.labels.ask import ask
from registry.labels.filed import Filed, Line, filed, filed_surveys
from registry.labels.filter import LabelsForm
from registry.labels.forms import ImportForm
from registry.labels.withdraw import may_withdraw, restore
from registry.labels.withdraw import withdraw as take_back
from registry.models import Label
from registry.models.label import Word
from registry.views.tidy import tidy

PAGE_LABELS = 50
_GROUPS = (
    ("By label", "verdict", "verdicts"),
    ("By person", "person", "people"),
    ("By survey", "survey", "surveys"),
    ("How drawn", "drawn", "drawn"),
)
_may_view = permission_required("registry.view_label", raise_exception=True)


class _Counted(NamedTuple):
    """A line of counts, and the address of the labels that it counts."""

    line: Line
    url: str


@require_safe
@_may_view
def labels(request: Request) -> HttpResponse:
    """Those that a filter lets through, with how many of each there are."""
    if address := tidy(request):
        return redirect(address)
    form = LabelsForm(request.GET)
    if not form.is_valid():
        return render(request, "registry/labels.html", {"form": form}, status=422)
    before, question = _place(request), _question(request.GET)
    found = form.labels()
    counts = filed(found, request.user)
    page = listing.page(found.shown_to(request.user), before, PAGE_LABELS)
    context = {
        "form": form,
        "page": page,
        "before": before,
        "filed": counts,
        "groups": _groups(counts, question),
        "filtered": any(form.cleaned_data.values()),
        "question": question,
        "withdrawn": _withdrawn(request),
        "may_change": request.user.has_perm("registry.change_label"),
    }
    return render(request, "registry/labels.html", context)


@permission_required("registry.add_label", raise_exception=True)
def import_file(request: Request) -> HttpResponse:
    """A file of judged candidates: whose words they are, and of which survey."""
    form = ImportForm(
        request.POST or None, request.FILES or None, initial={"person": request.user}
    )
    if not form.is_valid():
        context = {
            "form": form,
            "surveys": filed_surveys(),
            "verdicts": Word.choices,
        }
        status = 422 if form.is_bound else 200
        return render(request, "registry/labels_import.html", context, status=status)
    wanted = form.cleaned_data
    upload = wanted.pop("file")
    file = Brought(upload.name, Path(upload.temporary_file_path()), temporary=True)
    return redirect(ask(file, **wanted, by=request.user))


@require_POST
@_may_view
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take one back; the list then offers to undo it."""
    label = own_or_403(request, pk)
    query = _question(request.POST)
    if take_back(label, by=request.user):
        query["withdrawn"] = str(label.pk)
    else:
        messages.info(request, "It was withdrawn or replaced before.")
    return redirect(f"{reverse('registry:labels')}?{query.urlencode()}")


@require_POST
@_may_view
def restore_label(request: Request, pk: int) -> HttpResponse:
    """Undo that."""
    label = own_or_403(request, pk)
    try:
        restore(label, by=request.user)
    except RegistryError as error:
        messages.error(request, str(error))
    query = _question(request.POST)
    return redirect(f"{reverse('registry:labels')}?{query.urlencode()}")


def _groups(counts: Filed, question: QueryDict) -> list[tuple[str, list[_Counted]]]:
    """How many labels of each kind there are; each leads to those alone."""
    return [
        (title, [_counted(line, name, question) for line in getattr(counts, lines)])
        for title, name, lines in _GROUPS
    ]


def _counted(line: Line, name: str, question: QueryDict) -> _Counted:
    asked = question.copy()
    asked[name] = line.value
    return _Counted(line, f"?{asked.urlencode()}" if line.value else "")


def own_or_403(request: Request, pk: int) -> Label:
    """A label that this person may take back."""
    label = get_object_or_404(Label.objects.select_related("person"), pk=pk)
    if not may_withdraw(request.user, label):
        raise PermissionDenied("Only whoever gave the label, or an admin, may do that.")
    return label


def _question(given: QueryDict) -> QueryDict:
    """What the filter asks for, without what is empty: for links and the way back."""
    asked = QueryDict(mutable=True)
    for name in LabelsForm.base_fields:
        if values := [value for value in given.getlist(name) if value]:
            asked.setlist(name, values)
    return asked


def _place(request: Request) -> Place | None:
    text = request.GET.get("before", "")
    try:
        return Place.named(text) if text else None
    except BadPlace as error:
        raise Http404 from error


def _withdrawn(request: Request) -> Label | None:
    """The label that was just taken back, while it still is."""
    number = request.GET.get("withdrawn", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    label = Label.objects.gone().select_related("person").filter(pk=number).first()
    return label if label and may_withdraw(request.user, label) else None
