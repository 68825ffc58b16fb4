"""Single cases: by the form of eight values, or ready-made by one click."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from pulsar_ml.cases import CASES, Case
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from registry.errors import RegistryError
from showroom import raw
from showroom.case import classify_case, classify_ready
from showroom.forms import CaseForm
from showroom.models import Prediction
from showroom.picture import SMALL
from showroom.views.plotting import picture_of


@permission_required("showroom.add_prediction", raise_exception=True)
def case(request: Request) -> HttpResponse:
    """Eight values in, a score out; change them and score again."""
    form = CaseForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method != "POST":
        return _page(request, context)
    if not form.is_valid():
        return _page(request, context, status=422)
    try:
        context["prediction"] = _classify(request, form)
    except (PulsarError, RegistryError) as error:
        form.add_error(None, str(error))
        return _page(request, context, status=503)
    return _page(request, context)


@require_POST
@permission_required("showroom.add_prediction", raise_exception=True)
def ready_case(request: Request, slug: str) -> HttpResponse:
    """Score a ready case, and show what came out with its plots."""
    case = ready_or_404(slug)
    try:
        return redirect(classify_ready(case, by=request.user))
    except (PulsarError, RegistryError) as error:
        messages.error(request, str(error))
        return redirect("showroom:index")


@require_safe
@permission_required("showroom.add_prediction", raise_exception=True)
def ready_picture(request: Request, slug: str, theme: str) -> HttpResponse:
    """A ready case's plots, small."""
    return picture_of(raw.of_case(ready_or_404(slug)), theme, SMALL)


def ready_or_404(slug: str) -> Case:
    """The ready case of this name."""
    case = next((case for case in CASES if case.slug == slug), None)
    if case is None:
        raise Http404("There is no such case.")
    return case


def _classify(request: Request, form: CaseForm) -> Prediction:
    values = {feature: form.cleaned_data[feature] for feature in FEATURES}
    return classify_case(values, by=request.user, name=form.cleaned_data["name"])


def _page(
    request: Request, context: dict[str, object], status: int = 200
) -> HttpResponse:
    return render(request, "showroom/case.html", context, status=status)
