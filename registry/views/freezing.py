"""Freeze a dataset from another and from labels."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import Request
from pulsar_ml.datasets import treatments
from pulsar_ml.datasets.store import RESERVED
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from registry.datasets import freeze as freezing
from registry.datasets.forms import FreezeForm
from registry.datasets.preview import preview
from registry.errors import RegistryError
from registry.labels.filter import LabelFilter
from registry.models import Dataset

_MANY = ("verdict", "drawn")
# Columns that no treatment is told of.
_OURS = RESERVED - {*FEATURES, "name", "pointing"}


@permission_required("registry.add_dataset", raise_exception=True)
def freeze(request: Request) -> HttpResponse:
    """Labels and treatments in, a build out; or, asked for, what would go in."""
    if request.method != "POST":
        return _page(request, FreezeForm(initial=_initial(request)))
    form = FreezeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    if "preview" in request.POST:
        return _page(request, form)
    try:
        build = freezing.ask_for(
            form.cleaned_data["parent"],
            labels=form.labels(),
            steps=form.order(),
            name=form.cleaned_data["name"],
            by=request.user,
        )
    except (PulsarError, RegistryError) as error:
        form.add_error(None, str(error))
        return _page(request, form, 503)
    return redirect(build)


def _initial(request: Request) -> dict[str, Any]:
    """What a link has chosen already, as that from the list of labels."""
    asked: dict[str, Any] = {
        name: request.GET.getlist(name) if name in _MANY else request.GET[name]
        for name in ("parent", *LabelFilter.base_fields)
        if name in request.GET
    }
    if any(name in request.GET for name in ("labels", *LabelFilter.base_fields)):
        asked["take"] = "chosen"
    return asked


def _page(request: Request, form: FreezeForm, status: int = 200) -> HttpResponse:
    context: dict[str, object] = {"form": form, "columns": _columns(form)}
    if form.is_bound and status == 200:
        steps = form.order()
        context["preview"] = preview(form.cleaned_data["parent"], form.labels())
        context["steps"] = [treatments.in_words(step) for step in steps]
    context["none_yet"] = not Dataset.objects.exists()
    return render(request, "registry/dataset_freeze.html", context, status=status)


def _columns(form: FreezeForm) -> list[str]:
    """What the columns of the chosen dataset are called; of the newest, if of none."""
    number = str(form["parent"].value() or "")
    found = Dataset.objects.order_by("-number")
    if number.isdecimal():
        found = found.filter(number=int(number[:9]))
    chosen = found.first()
    return [name for name in _names(chosen) if name not in _OURS] if chosen else []


def _names(dataset: Dataset) -> list[str]:
    return [column["name"] for column in dataset.columns]
