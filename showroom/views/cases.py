"""The form of eight values."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render

from accounts.requests import Request
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from registry.errors import RegistryError
from showroom.case import classify_case
from showroom.forms import CaseForm
from showroom.models import Prediction


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


def _classify(request: Request, form: CaseForm) -> Prediction:
    values = {feature: form.cleaned_data[feature] for feature in FEATURES}
    return classify_case(values, by=request.user, name=form.cleaned_data["name"])


def _page(
    request: Request, context: dict[str, object], status: int = 200
) -> HttpResponse:
    return render(request, "showroom/case.html", context, status=status)
