"""A batch in the plane of two features, against what its version was trained on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from registry.views.plotting import plotting
from showroom.forms import AxesForm, RowsForm, range_of
from showroom.models import Batch
from showroom.space.paper import drawing
from showroom.space.scene import name
from showroom.space.seen import axes, best, reference_of, seen
from showroom.views.find import batch_or_404
from showroom.views.reading import reading

_PAIRS_SHOWN = 6
_NO_FILTER = {"sort", "after", "before"}
_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_safe
@_may_view
@reading
def space(request: Request, number: int) -> HttpResponse:
    """Two features of the rows that are wanted, and how many rows those are."""
    batch = batch_or_404(request, number)
    if batch.is_under_way or not batch.n_scored:
        return render(request, "showroom/space.html", {"batch": batch})
    form = RowsForm(request.GET, batch=batch, user=request.user)
    asked = AxesForm(request.GET)
    if not (form.is_valid() and asked.is_valid()):
        return _refused(request, {"batch": batch, "forms": [asked, form]})
    context = _seen(request, batch, asked.cleaned_data, form)
    page = "_space.html" if request.fragment else "space.html"
    return plotting(render)(request, f"showroom/{page}", context)


@require_safe
@_may_view
@reading
def thumbnail(request: Request, number: int) -> HttpResponse:
    """The whole batch in the plane that separates best, small."""
    batch = batch_or_404(request, number)
    if batch.is_under_way or not batch.n_scored:
        return HttpResponse(status=204)
    form = RowsForm({})
    form.is_valid()
    reference, _ = reference_of(batch)
    scene = seen(batch, reference, best(reference)[0], form.cleaned_data)
    context = {"batch": batch, "scene": scene, "drawing": drawing(scene)}
    return render(request, "showroom/_space_thumbnail.html", context)


def _refused(request: Request, context: dict[str, Any]) -> HttpResponse:
    if request.fragment:
        return render(request, "showroom/_space_refused.html", context, status=422)
    return render(request, "showroom/space.html", context, status=400)


def _seen(
    request: Request, batch: Batch, wish: Mapping[str, str], form: RowsForm
) -> dict[str, Any]:
    reference, trouble = reference_of(batch)
    pairs = best(reference)
    x, y = axes(wish, pairs[0])
    scene = seen(batch, reference, (x, y), form.cleaned_data)
    asked = _filters(request, form)
    ends = [*range_of(x), *range_of(y)]
    others = {key: value for key, value in asked.items() if key not in ends}
    return {
        "batch": batch,
        "axes": AxesForm({"x": x, "y": y}),
        "ends": [form[end] for end in ends],
        "others": others,
        "chips": [_chip(form, key, {"x": x, "y": y} | asked) for key in others],
        "scene": scene,
        "drawing": drawing(scene),
        "figure": scene.figure(),
        "trouble": trouble,
        "rows_query": urlencode(asked),
        "turned_query": urlencode({"x": y, "y": x} | asked),
        "whole_query": urlencode({"x": x, "y": y} | others) if asked != others else "",
        "pairs": [
            (name(one), name(other), urlencode({"x": one, "y": other} | asked))
            for one, other in pairs[:_PAIRS_SHOWN]
            if {one, other} != {x, y}
        ],
    }


def _filters(request: Request, form: RowsForm) -> dict[str, str]:
    """The filters in the address, which every link on the page takes along."""
    return {
        key: value
        for key, value in request.GET.dict().items()
        if value and key in form.fields and key not in _NO_FILTER
    }


def _chip(form: RowsForm, key: str, query: Mapping[str, str]) -> tuple[str, str]:
    """A filter in words, and the page's query without it."""
    field, value = form[key].field, query[key]
    words = str(dict(getattr(field, "choices", ())).get(value, value))
    without = {other: query[other] for other in query if other != key}
    label = "Score to" if key == "high" else form[key].label
    return f"{label}: {words}", urlencode(without)
