"""The form of eight values."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render

from accounts.requests import Request
from pulsar_ml.features import FEATURES
from showroom.case import classify_case
from showroom.forms import CaseForm
from showroom.models import Prediction


@permission_required("showroom.add_prediction", raise_exception=True)
def case(request: Request) -> HttpResponse:
    """Eight values in, a score out; change them and score again."""
    form = CaseForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            context["prediction"] = _classify(request, form)
        else:
            status = 422
    return render(request, "showroom/case.html", context, status=status)


def _classify(request: Request, form: CaseForm) -> Prediction:
    values = {feature: form.cleaned_data[feature] for feature in FEATURES}
    return classify_case(values, by=request.user, name=form.cleaned_data["name"])
