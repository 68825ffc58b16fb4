"""Verdicts: what people say of rows, given, undone and listed."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from accounts.models import User
from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Key, refusal
from accounts.requests import Request
from registry.api.people import name_of
from registry.models import Label
from registry.models.label import Word
from showroom.api.given import Words
from showroom.api.reading import reading
from showroom.api.wanted import numbered
from showroom.models import Verdict
from showroom.verdicts.counting import Line, counted
from showroom.verdicts.form import UNCAT, VerdictForm
from showroom.verdicts.give import give
from showroom.verdicts.listing import ListForm, fitting
from showroom.verdicts.of_row import of_row
from showroom.verdicts.steps import step
from showroom.verdicts.undo import redo, undo
from showroom.views.find import batch_or_404, candidate_or_404

router = Router()
of_batch = Router()
_looks = Needs("showroom.view_verdict")
_judges = Needs("showroom.add_verdict")
_NO_NULL = r"^[^\x00]*$"
# One of the six, or that nothing is said any more.
Spoken = Literal["T1_CAND", "T2_CAND", "KNOWN_PSR", "NB_PSR", "RFI", "NOISE", "UNCAT"]


class VerdictIn(Schema):
    """A word on a row; UNCAT takes one's own back."""

    word: Spoken
    note: Annotated[str, Field(max_length=2000, pattern=_NO_NULL)] = ""
    pulsar: Annotated[str, Field(max_length=40, pattern=_NO_NULL)] = Field(
        "", description="Of KNOWN_PSR and NB_PSR, the catalogue's name."
    )
    harmonic: bool = False
    order: Verdict.Order | None = Field(
        None, description="Of the queue that had brought it, where one had."
    )


class VerdictOut(Schema):
    """What somebody said of a row."""

    id: int
    # The row, as `<batch>-<row>`.
    candidate: str
    url: str
    word: Spoken
    note: str
    pulsar: str
    harmonic: bool
    # Whoever has been erased is nobody's name.
    person: str | None
    at: datetime
    # How the row had come before their eyes.
    drawn: Label.Drawn
    order: Verdict.Order | None
    # Whether it holds; else something was said since, or it was undone.
    current: bool
    undone_at: datetime | None

    @staticmethod
    def resolve_candidate(verdict: Verdict) -> str:
        return str(verdict.candidate)

    @staticmethod
    def resolve_url(verdict: Verdict) -> str:
        return verdict.candidate.get_absolute_url()

    @staticmethod
    def resolve_word(verdict: Verdict) -> str:
        return verdict.word or UNCAT

    @staticmethod
    def resolve_person(verdict: Verdict) -> str | None:
        return name_of(verdict.person)

    @staticmethod
    def resolve_order(verdict: Verdict) -> str | None:
        return verdict.order or None

    @staticmethod
    def resolve_current(verdict: Verdict) -> bool:
        return bool(verdict.current)


class RowVerdicts(Schema):
    """All that one sees to be said of a row."""

    own: VerdictOut | None
    # What became of one's own, in words.
    became: str
    others: list[VerdictOut]
    # So many more are shown to whoever has judged the row.
    hidden: int
    earlier: list[VerdictOut]


class Summary(Schema):
    """How far the people are with a batch, as far as one sees what they say."""

    n: int
    hidden: int
    words: dict[str, int]
    people: dict[str, int]
    # Of the shortlist: how many rows, judged by anybody, and by oneself.
    listed: int
    judged: int
    judged_by_me: int


class Stepped(Schema):
    """What was undone or said again: in words, on how many rows; or nothing."""

    words: str
    n_rows: int
    url: str | None


@of_batch.get("/{batch}/verdicts", auth=_looks, response=list[VerdictOut])
@paginate(Pages)
def list_verdicts(
    request: Request,
    batch: int,
    verdict: Word | None = None,
    judge: Words | None = None,
    *,
    earlier: bool = False,
) -> QuerySet[Verdict]:
    """What is said of a batch, the newest first; `earlier` adds what holds no more.

    Of a blind batch these are one's own, and others' on the rows that one has judged.
    """
    found = batch_or_404(request, batch)
    person = numbered(judge) if judge else ""
    form = ListForm({"verdict": verdict or "", "judge": person, "earlier": earlier})
    if not form.is_valid():
        raise refusal(form, "query")
    fit = fitting(found, request.user, form.cleaned_data)
    return fit.select_related("person", "candidate")


@of_batch.get("/{batch}/verdicts/summary", auth=_looks, response=Summary)
def get_verdicts_summary(request: Request, batch: int) -> dict[str, Any]:
    """How many there are, by word and by person."""
    found = counted(batch_or_404(request, batch), request.user)
    return {
        **found._asdict(),
        "words": _by_label(found.words),
        "people": _by_label(found.people),
    }


@of_batch.get("/{batch}/rows/{row}/verdicts", auth=_looks, response=RowVerdicts)
@reading
def get_row_verdicts(request: Request, batch: int, row: Key) -> dict[str, Any]:
    """What is said of one row, and was before."""
    found = batch_or_404(request, batch)
    return of_row(found, row, request.user)._asdict()


@of_batch.post(
    "/{batch}/rows/{row}/verdicts",
    auth=_judges,
    response={200: RowVerdicts, 201: RowVerdicts},
)
@reading
def give_verdict(
    request: Request, batch: int, row: Key, said: VerdictIn
) -> Status[dict[str, Any]]:
    """Say what a row is. 201: it is kept; 200: one says just that already."""
    found = batch_or_404(request, batch)
    candidate = candidate_or_404(found, row)
    form = VerdictForm({**said.dict(), "order": said.order or ""})
    if not form.is_valid():
        raise refusal(form)
    given = give([candidate], form.said(), by=request.user, how=form.how(candidate))
    told = of_row(found, row, request.user)._asdict()
    return Status(201 if given else 200, told)


@router.post("/undo", auth=_judges, response=Stepped)
def undo_verdict(request: Request) -> Stepped:
    """Take away what one said last, wherever it was; all that was said at once."""
    return _stepped(request.user, undo)


@router.post("/redo", auth=_judges, response=Stepped)
def redo_verdict(request: Request) -> Stepped:
    """Let hold again what one undid last."""
    return _stepped(request.user, redo)


def _stepped(person: User, do: Callable[[User], list[Verdict]]) -> Stepped:
    act = do(person)
    if not act:
        return Stepped(words="", n_rows=0, url=None)
    told = step(act)
    return Stepped(words=told.words, n_rows=len(act), url=told.url)


def _by_label(lines: list[Line]) -> dict[str, int]:
    return {line.label: line.n for line in lines}
