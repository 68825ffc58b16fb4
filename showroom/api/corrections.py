"""Corrections: what predictions should have been, and all that was said before."""

import re
from datetime import datetime
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import Http404
from ninja import Field, Query, Router, Schema, Status
from ninja.pagination import paginate

from accounts.models import User
from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Key, Moment, Text
from accounts.requests import Request
from registry.api.given import Count, Slug
from registry.api.people import name_of
from showroom.api.reading import reading
from showroom.corrections.correct import Expected, correct
from showroom.models import Batch, Candidate, Correction
from showroom.views.find import batch_or_404, candidate_or_404

router = Router()
_corrects = Needs("showroom.add_verdict")
_looks = Needs("showroom.view_verdict")
_ID = re.compile(r"(?P<batch>[0-9]{1,18})-(?P<row>[0-9]{1,18})", re.ASCII)

Class = Annotated[
    Literal[0, 1], Field(description="1 for a pulsar, 0 for anything else.")
]
PredictionId = Annotated[
    str, Field(max_length=40, description="As `<batch>-<row>`.", examples=["12-7"])
]


class CorrectionIn(Schema):
    """What a prediction should have been, how sure that is, and why."""

    expected: Class
    confidence: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    comment: str = Field("", max_length=2000, pattern=r"^[^\x00]*$")

    def said(self) -> Expected:
        """The same for the verb."""
        return Expected(bool(self.expected), self.confidence, self.comment.strip())


class CorrectionOut(Schema):
    """One revision of what one person, or their programs, say of a prediction."""

    id: int
    url: str
    # Of the prediction, as `<batch>-<row>`.
    prediction: str
    batch: int
    row: int
    model_version: str
    predicted: int
    expected: int
    confidence: float | None
    comment: str
    # Whoever has been erased is nobody's name.
    by: str | None
    at: datetime
    revision: int
    # Whether it is the last one of its person.
    current: bool

    @staticmethod
    def resolve_url(correction: Correction) -> str:
        return correction.get_absolute_url()

    @staticmethod
    def resolve_prediction(correction: Correction) -> str:
        return str(correction.candidate)

    @staticmethod
    def resolve_batch(correction: Correction) -> int:
        return correction.candidate.batch_id

    @staticmethod
    def resolve_row(correction: Correction) -> int:
        return correction.candidate.row

    @staticmethod
    def resolve_model_version(correction: Correction) -> str:
        return str(correction.candidate.batch.version)

    @staticmethod
    def resolve_predicted(correction: Correction) -> int:
        return int(correction.candidate.predicted)

    @staticmethod
    def resolve_expected(correction: Correction) -> int:
        return int(correction.expected)

    @staticmethod
    def resolve_by(correction: Correction) -> str | None:
        return name_of(correction.by)

    @staticmethod
    def resolve_current(correction: Correction) -> bool:
        return bool(correction.current)


class CorrectionsAsked(Schema):
    """Which corrections are wanted; what is left out asks nothing."""

    batch: Key | None = None
    model: Slug | None = None
    version: Count | None = Field(None, description="The number of a model's version.")
    by: Text | None = Field(None, description="The user name of a person.")
    # Not by name: in an address there are texts alone.
    expected: int | None = Field(None, ge=0, le=1)
    since: Moment | None = None
    current: bool = Field(
        default=False, description="Only what is said now, no earlier revisions."
    )

    def wanted(self) -> dict[str, object]:
        """The same as look-ups."""
        asked = {
            "candidate__batch": self.batch,
            "candidate__batch__version__model__name": self.model,
            "candidate__batch__version__number": self.version,
            "by__username": self.by,
            "expected": self.expected,
            "at__gte": self.since,
            "current": self.current or None,
        }
        return {name: value for name, value in asked.items() if value is not None}


@router.post(
    "predictions/{prediction}/corrections",
    auth=_corrects,
    response={200: CorrectionOut, 201: CorrectionOut},
)
@reading
def add_correction(
    request: Request, prediction: PredictionId, said: CorrectionIn
) -> Status[Correction]:
    """Say what it should have been: 201; to say the same again changes nothing: 200."""
    batch, row = place_or_404(request, prediction)
    return kept(candidate_or_404(batch, row), said.said(), request.user)


@router.get(
    "predictions/{prediction}/corrections", auth=_looks, response=list[CorrectionOut]
)
@paginate(Pages)
def list_prediction_corrections(
    request: Request, prediction: PredictionId
) -> QuerySet[Correction]:
    """Every revision of everybody, as far as one sees them, the newest first."""
    batch, row = place_or_404(request, prediction)
    found = Correction.objects.visible_to(request.user).told()
    return found.filter(candidate__batch=batch, candidate__row=row)


@router.get("corrections", auth=_looks, response=list[CorrectionOut])
@paginate(Pages)
def list_corrections(
    request: Request, asked: Query[CorrectionsAsked]
) -> QuerySet[Correction]:
    """Those that one may see, the newest first."""
    found = Correction.objects.visible_to(request.user).told()
    return found.filter(**asked.wanted())


def place_or_404(request: Request, prediction: str) -> tuple[Batch, int]:
    """The batch and the row that an id names, if this person may see it."""
    found = _ID.fullmatch(prediction)
    if found is None:
        raise Http404("A prediction is named as <batch>-<row>.")
    return batch_or_404(request, int(found["batch"])), int(found["row"])


def kept(candidate: Candidate, said: Expected, user: User) -> Status[Correction]:
    """Keep it, and answer with it: 201 where it is new."""
    correction, is_new = correct(candidate, said, by=user)
    return Status(201 if is_new else 200, correction)
