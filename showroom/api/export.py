"""The address of corrections and of new labels, as the source document has it."""

from typing import Annotated

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import paginate
from pydantic import model_validator

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from registry.api.exports import ExportOut
from registry.api.given import Finite, Slug
from registry.api.labels import LabelOut
from registry.exports.ask import Asked, ask
from registry.exports.new import new
from registry.models import Label, Model
from showroom.api.corrections import (
    CorrectionIn,
    CorrectionOut,
    PredictionId,
    kept,
    place_or_404,
)
from showroom.api.reading import reading
from showroom.corrections.find import BATCHES, find
from showroom.models import Candidate, Correction
from showroom.views.find import candidate_or_404

router = Router()
_looks = Needs("registry.view_label")
_corrects = Needs("showroom.add_verdict")
_makes = Needs("registry.add_dataset")

Values = Annotated[list[Finite], Field(min_length=8, max_length=8)]


class ExpectedIn(CorrectionIn):
    """What a prediction should have been: named by its id, or by its eight values."""

    id: PredictionId | None = None
    data: Values | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> "ExpectedIn":
        """With both, one of them might be meant for another."""
        if (self.id is None) == (self.data is None):
            raise ValueError("send either id or data")
        return self


class AskedOut(Schema):
    """An export, and what is to be said where it is not a new one."""

    export: ExportOut
    note: str


@router.get("/{name}", auth=_looks, response=list[LabelOut])
@paginate(Pages, ordering=("pk",))
def list_new_labels(request: Request, name: Slug) -> QuerySet[Label]:
    """Labels that hold and that no export of this model has; of blind batches none."""
    model = get_object_or_404(Model, name=name)
    return new(model).select_related("person")


@router.put(
    "/{name}", auth=_corrects, response={200: CorrectionOut, 201: CorrectionOut}
)
@reading
def send_expected(request: Request, name: Slug, said: ExpectedIn) -> Status[Correction]:
    """Say what a prediction of this model should have been: a correction."""
    get_object_or_404(Model, name=name)
    return kept(_candidate(request, name, said), said.said(), request.user)


@router.post("/{name}", auth=_makes, response={200: AskedOut, 202: AskedOut})
def export_labels(request: Request, name: Slug) -> Status[Asked]:
    """Give out what is new or gone: 202; where nothing is, the last ones: 200."""
    model = get_object_or_404(Model, name=name)
    asked = ask(model, by=request.user)
    return Status(202 if asked.is_coming else 200, asked)


def _candidate(request: Request, name: str, said: ExpectedIn) -> Candidate:
    if said.id is None:
        found = find(name, said.data or [], request.user)
        if found is None:
            raise HttpError(404, _UNKNOWN.format(name))
        return found
    batch, row = place_or_404(request, said.id)
    if batch.version.model.name != name:
        raise HttpError(
            409, f"Prediction {said.id} is not of {name}, but of {batch.version}."
        )
    return candidate_or_404(batch, row)


_UNKNOWN = (
    "{} has told you nothing of just these values"
    f" in your last {BATCHES} batches: send the id of the prediction."
)
