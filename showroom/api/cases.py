"""Ready cases: candidates to try a program with, made up on the fly."""

from django.http import HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError

from accounts.programs.needs import Needs
from accounts.requests import Request
from pulsar_ml.cases import CASES, Case
from pulsar_ml.errors import BadArtefact
from pulsar_ml.simulate import Kind
from showroom.api.content import holds
from showroom.api.predictions import PredictionOut
from showroom.api.reading import reading
from showroom.case import classify_ready
from showroom.models import Prediction
from showroom.picture import Theme
from showroom.views import cases as pages

router = Router()
_asks = Needs("showroom.add_prediction")


class CaseOut(Schema):
    """A simulated candidate with a story."""

    slug: str
    title: str
    sentence: str
    kind: Kind


@router.get("", auth=_asks, response=list[CaseOut])
def list_cases(request: Request) -> list[Case]:
    """All of them, in the order in which the page proposes them."""
    return list(CASES)


@router.post("/{case}", auth=_asks, response=PredictionOut)
@reading
def classify_case(request: Request, case: str) -> Prediction:
    """Ask the champion what it is: a prediction of the day."""
    found = pages.ready_or_404(case)
    try:
        return classify_ready(found, by=request.user)
    except BadArtefact as error:
        raise HttpError(409, str(error)) from error


@router.get("/{case}/picture", auth=_asks, openapi_extra=holds("image/png"))
def get_case_picture(
    request: Request, case: str, theme: Theme = "light"
) -> HttpResponse:
    """Its plots, small."""
    return pages.ready_picture(request, case, theme)
