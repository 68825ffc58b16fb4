"""Predictions: what was answered, looked up."""

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import Http404
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from showroom.api.reading import reading
from showroom.models import Batch, Prediction
from showroom.predictions.find import find

router = Router()
_looks = Needs("showroom.view_batch")
_MOST = 2**63 - 1

Name = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]


class PredictionOut(Schema):
    """What was answered to one row, and what was asked."""

    id: str
    url: str
    batch: int
    row: int
    name: str
    model: str
    model_version: str
    features: dict[str, float]
    probability: float
    predicted: Literal[0, 1]
    warnings: list[str]
    # Nobody, and null, once it is sealed, and of the rows of a batch.
    by: str | None
    at: datetime | None

    @staticmethod
    def resolve_id(prediction: Prediction) -> str:
        return str(prediction)

    @staticmethod
    def resolve_url(prediction: Prediction) -> str:
        return prediction.get_absolute_url()

    @staticmethod
    def resolve_batch(prediction: Prediction) -> int:
        return prediction.batch_id

    @staticmethod
    def resolve_model(prediction: Prediction) -> str:
        return prediction.batch.version.model.name

    @staticmethod
    def resolve_model_version(prediction: Prediction) -> str:
        return str(prediction.batch.version)

    @staticmethod
    def resolve_predicted(prediction: Prediction) -> int:
        return int(prediction.predicted)

    @staticmethod
    def resolve_warnings(prediction: Prediction) -> list[str]:
        return prediction.warnings.split(";") if prediction.warnings else []

    @staticmethod
    def resolve_by(prediction: Prediction) -> str | None:
        return prediction.by.get_username() if prediction.by else None


class PredictionsAsked(Schema):
    """Which predictions are wanted; what is left out asks nothing."""

    model: Name | None = None
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    batch: int | None = Field(None, ge=1, le=_MOST)
    predicted: int | None = Field(None, ge=0, le=1)
    # Whether one's own alone are wanted.
    mine: bool = False

    def wanted(self) -> dict[str, object]:
        """The same as look-ups."""
        asked = {
            "batch__version__model__name": self.model,
            "batch__version__number": self.version,
            "batch": self.batch,
            "predicted": self.predicted,
        }
        return {name: value for name, value in asked.items() if value is not None}


@router.get("", auth=_looks, response=list[PredictionOut])
@paginate(Pages)
def list_predictions(
    request: Request, asked: Query[PredictionsAsked]
) -> QuerySet[Prediction]:
    """Those of the last hour, the newest first; then they are rows of their batch."""
    seen = Prediction.objects.filter(batch__in=Batch.objects.visible_to(request.user))
    if asked.mine:
        seen = seen.filter(by=request.user)
    told = seen.select_related("batch__version__model", "by")
    return told.filter(**asked.wanted())


@router.get("/{prediction}", auth=_looks, response=PredictionOut)
@reading
def get_prediction(request: Request, prediction: str) -> Prediction:
    """One of them, or any scored row of a batch."""
    found = find(prediction, by=request.user)
    if found is None:
        raise Http404
    return found
