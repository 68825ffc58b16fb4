"""Inference: rows in, probabilities out, and each answer kept under an id."""

from collections.abc import Callable
from typing import Annotated, Literal

from django.http import HttpResponse, JsonResponse
from ninja import Field, Router, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import ConfigDict, Strict

from accounts.programs.needs import Needs
from accounts.requests import Request
from pulsar_ml.errors import BadArtefact
from pulsar_ml.features import FEATURES
from registry import serving
from registry.serving import Served
from showroom.api.reading import reading
from showroom.predictions.answer import Answer, answer
from showroom.predictions.usable import MOST, UnusableRows

router = Router()
_asks = Needs("showroom.add_prediction")

Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Row = Annotated[list[Number], Field(min_length=len(FEATURES), max_length=len(FEATURES))]


class RowsIn(Schema):
    """Rows of the eight values, in the order of the features."""

    model_config = ConfigDict(extra="forbid")

    data: list[Row] = Field(
        min_length=1, max_length=MOST, description=f"Each {', '.join(FEATURES)}."
    )
    private: Annotated[bool, Strict()] = Field(
        default=False,
        description="Nobody else sees the batch. Up to 100 rows make none, and cannot "
        "be private.",
    )


class PredictedOut(Schema):
    """What is answered to one row."""

    id: str = Field(description="As `<batch>-<row>`: to look it up and to correct it.")
    probability: float = Field(ge=0, le=1)
    predicted: Literal[0, 1] = Field(
        description="1, a pulsar, from the threshold of the version on."
    )
    warnings: list[Literal["extrapolation", "unusual"]]


class PredictionsOut(Schema):
    """What is answered to a call, in the order of its rows."""

    model: str
    model_version: str = Field(description="As `<model>/<number>`.")
    threshold: float
    batch: int
    predictions: list[PredictedOut]


@router.post("production/{model}", auth=_asks, response=PredictionsOut)
@reading
def predict_with_production(request: Request, model: str, said: RowsIn) -> HttpResponse:
    """Ask the champion: up to 100 rows are predictions of the day, more are a batch."""
    return _told(request, said, lambda: serving.at_alias(model, "champion"))


@router.post("staging/{model}", auth=_asks, response=PredictionsOut)
@reading
def predict_with_staging(request: Request, model: str, said: RowsIn) -> HttpResponse:
    """Ask the challenger."""
    return _told(request, said, lambda: serving.at_alias(model, "challenger"))


@router.post("runs/{training}", auth=_asks, response=PredictionsOut)
@reading
def predict_with_run(request: Request, training: int, said: RowsIn) -> HttpResponse:
    """Ask the version that a training made, whatever became of it since."""
    return _told(request, said, lambda: serving.of_training(training))


def _told(request: Request, said: RowsIn, find: Callable[[], Served]) -> HttpResponse:
    try:
        served = find()
    except BadArtefact as error:
        raise HttpError(409, str(error)) from error
    try:
        given = answer(served, said.data, by=request.user, private=said.private)
    except UnusableRows as error:
        wrong = [
            {"loc": ["body", "data", fault.row, FEATURES[fault.feature]]}
            | {"msg": f"This value {fault.reason}."}
            for fault in error.faults
        ]
        raise ValidationError(wrong) from error
    # Shaped as the schema says, and not held against it again: thousands of rows.
    return JsonResponse(_shaped(given))


def _shaped(given: Answer) -> dict[str, object]:
    return {
        "model": given.version.model.name,
        "model_version": str(given.version),
        "threshold": given.threshold,
        "batch": given.batch,
        "predictions": [one._asdict() for one in given.predictions],
    }
