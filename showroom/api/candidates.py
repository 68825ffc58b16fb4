"""Candidates: rows that were shortlisted or judged; and raw files that bring more."""

from typing import Literal

from django.db.models import QuerySet
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Key
from accounts.requests import Request
from showroom.api.batches import BatchOut, uploaded
from showroom.api.given import Score, Sha256, Words
from showroom.api.reading import reading
from showroom.api.rows import shortest
from showroom.models import Batch, Candidate
from showroom.views.find import batch_or_404

router = Router()
of_batch = Router()
_looks = Needs("showroom.view_batch")
_brings = Needs("showroom.add_batch")


class CandidateOut(Schema):
    """A row of which something is said or asked; its address holds for ever."""

    id: str
    url: str
    batch: int
    row: int
    name: str
    version: str
    probability: float
    predicted: Literal[0, 1]
    # Why it stands on its batch's shortlist, if it does.
    shortlisted: Candidate.Reason | None
    # Of its features: the same candidate has the same in every batch.
    hash: str

    @staticmethod
    def resolve_id(candidate: Candidate) -> str:
        return str(candidate)

    @staticmethod
    def resolve_url(candidate: Candidate) -> str:
        return candidate.get_absolute_url()

    @staticmethod
    def resolve_batch(candidate: Candidate) -> int:
        return candidate.batch_id

    @staticmethod
    def resolve_version(candidate: Candidate) -> str:
        return str(candidate.batch.version)

    @staticmethod
    def resolve_probability(candidate: Candidate) -> float:
        return shortest(candidate.probability)

    @staticmethod
    def resolve_predicted(candidate: Candidate) -> int:
        return int(candidate.predicted)

    @staticmethod
    def resolve_shortlisted(candidate: Candidate) -> str | None:
        return candidate.shortlisted or None


@router.get("", auth=_looks, response=list[CandidateOut])
@paginate(Pages)
def list_candidates(
    request: Request,
    batch: Key | None = None,
    text: Words | None = None,
    hash: Sha256 | None = None,  # noqa: A002  # the field's name
    low: Score | None = None,
    *,
    predicted: bool | None = None,
    shortlisted: Candidate.Reason | None = None,
) -> QuerySet[Candidate]:
    """Those of all batches that one may see, the latest first.

    `text` is looked for in names, and `low` is the least score. Rows of which nobody
    has said anything, and that are on no shortlist, are found in their batch alone.
    """
    asked = {
        "batch": batch,
        "name__icontains": text or None,
        "hash": hash,
        "probability__gte": low,
        "predicted": predicted,
        "shortlisted": shortlisted,
    }
    seen = Batch.objects.visible_to(request.user)
    return _ready(Candidate.objects.filter(batch__in=seen)).filter(
        **{name: value for name, value in asked.items() if value is not None}
    )


@router.post("", auth=_brings, response={200: BatchOut, 201: BatchOut, 202: BatchOut})
@reading
def upload_candidates(
    request: Request,
    files: File[list[UploadedFile]],
    *,
    private: Form[bool] = False,
    blind: Form[bool] = False,
) -> Status[Batch]:
    """Raw candidates become a batch, as every other file does: see `POST /batches`."""
    return uploaded(request, private=private, blind=blind)


@of_batch.get("/{batch}/shortlist", auth=_looks, response=list[CandidateOut])
@paginate(Pages, ordering=("-probability", "row"))
def get_shortlist(
    request: Request, batch: int, reason: Candidate.Reason | None = None
) -> QuerySet[Candidate]:
    """What of a batch to look at first, the highest scores on top."""
    listed = batch_or_404(request, batch).candidates.exclude(shortlisted="")
    return _ready(listed.filter(shortlisted=reason) if reason else listed)


def _ready(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return candidates.select_related("batch__version__model")
