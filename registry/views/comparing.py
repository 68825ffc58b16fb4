"""Two versions side by side, and what the gate says of them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.requests import Request
from monitor.work import State
from registry.card.figures import SPLITS
from registry.errors import RegistryError
from registry.gate.ask import ask
from registry.gate.cancel import cancel as stop
from registry.gate.disagreed import disagreed
from registry.gate.forms import PairForm, proposed
from registry.gate.latest import between, latest
from registry.gate.shown import shown
from registry.gate.side_by_side import Pair, side_by_side
from registry.models import Comparison
from registry.runs.curves import overlaid
from registry.runs.filter import SplitForm
from registry.runs.paper import drawing
from registry.views.plotting import plotting

_MAY_ASK = "registry.add_comparison"
_may_view = permission_required("registry.view_version", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@_may_view
@plotting
def compare(request: Request) -> HttpResponse:
    """Two versions side by side; sent, they are held against each other."""
    if request.method == "POST":
        return _ask(request)
    asked = {**proposed(), **request.GET.dict()}
    form = PairForm(asked)
    is_valid = form.is_valid()
    context = {"form": form, **(_seen(request, form.pair()) if is_valid else {})}
    # Where nothing was asked for, there are no two of them.
    status = 422 if "a" in request.GET and not is_valid else 200
    return render(request, "registry/compare.html", context, status=status)


@require_safe
@_may_view
def comparison(request: Request, pk: int) -> HttpResponse:
    """The whole page; or, for HTMX, how far it is. At its end the page is read anew."""
    found = _comparison_or_404(pk)
    context: dict[str, Any] = {"comparison": found}
    if request.fragment:
        response = render(request, "registry/_comparison_progress.html", context)
        if not found.is_under_way:
            response["HX-Refresh"] = "true"
        return response
    if found.state == State.SUCCESS:
        now = latest(found.candidate, found.champion)
        context |= _judged(found)
        context["is_outdated"] = now is None or now.inputs_sha256 != found.inputs_sha256
    return render(request, "registry/comparison.html", context)


@require_POST
@permission_required(_MAY_ASK, raise_exception=True)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop it."""
    found = _comparison_or_404(pk)
    stop(found, by=request.user)
    return redirect(found)


def _ask(request: Request) -> HttpResponse:
    if not request.user.has_perm(_MAY_ASK):
        raise PermissionDenied
    form = PairForm(request.POST)
    if not form.is_valid():
        context = {"form": form}
        return render(request, "registry/compare.html", context, status=422)
    try:
        return redirect(ask(*form.pair(), by=request.user))
    except RegistryError as error:
        messages.error(request, str(error))
        return redirect("registry:compare")


def _seen(request: Request, pair: Pair) -> dict[str, Any]:
    form = SplitForm(request.GET)
    split = (form.is_valid() and form.cleaned_data["split"]) or "holdout"
    plots = overlaid([(str(version), version) for version in pair], split)
    judged = latest(*pair)
    last = between(*pair).first()
    return {
        "pair": pair,
        "compared": side_by_side(pair, split),
        "split_form": SplitForm({"split": split}),
        "split": SPLITS[split].label,
        "only": "only" in request.GET,
        "plots": [
            (f"plot-{place}", drawing(plot), plot.figure())
            for place, plot in enumerate(plots)
        ],
        **(_judged(judged) if judged else {"last": last}),
    }


def _judged(comparison: Comparison) -> dict[str, Any]:
    return {
        "comparison": comparison,
        "gate": shown(comparison),
        "disagreed": disagreed(comparison),
    }


def _comparison_or_404(pk: int) -> Comparison:
    named = Comparison.objects.select_related(
        "candidate__model", "champion__model", "dataset", "by"
    )
    return get_object_or_404(named, pk=pk)
