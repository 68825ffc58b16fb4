"""Verdicts as CandyJar's files: brought in, and given out."""

from pathlib import Path
from typing import Any, Literal, cast

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http.response import HttpResponseBase
from ninja import File, Form, Query, Router, Schema
from ninja.errors import HttpError
from ninja.files import UploadedFile

from accounts.models import User
from accounts.programs.needs import Needs
from accounts.requests import Request
from pulsar_ml.errors import PulsarError
from showroom.api.content import holds
from showroom.api.given import Words
from showroom.api.reading import reading
from showroom.models import Batch
from showroom.verdicts import candyjar
from showroom.verdicts.bring_in import Plan, bring_in, plan
from showroom.verdicts.classification import Entry, read
from showroom.views.find import batch_or_404
from showroom.views.sending import as_csv

router = Router()
_looks = Needs("showroom.view_batch")
_reads = Needs("showroom.view_verdict")
_judges = Needs("showroom.add_verdict")
_TABLE = holds("text/csv")
_REFUSED_TOLD = 200


class Whose(Schema):
    """Whose words, one's own if nobody is named; and whether of all rows."""

    person: Words | None = None
    all: bool = False


class RefusedOut(Schema):
    """A line that is not used, and why."""

    line: int
    name: str
    word: str
    reason: str


class ImportOut(Schema):
    """What a file has done, or would do."""

    # How many verdicts were given; none where it was only looked at.
    n_given: int
    n_new: int
    n_changed: int
    n_same: int
    # Lines that say UNCAT, which is nothing.
    n_uncat: int
    n_refused: int
    # The first of these.
    refused: list[RefusedOut]


@router.get("/{batch}/candidates.csv", auth=_looks, openapi_extra=_TABLE)
@reading
def export_candidates(
    request: Request, batch: int, whose: Query[Whose]
) -> HttpResponseBase:
    """The judged rows, or all, as CandyJar lists candidates."""
    found = batch_or_404(request, batch)
    lines = candyjar.candidates(found, _wanted(request, found, whose))
    return as_csv(lines, f"batch-{found.pk}-candidates.csv")


@router.get("/{batch}/classification.csv", auth=_reads, openapi_extra=_TABLE)
@reading
def export_classification(
    request: Request,
    batch: int,
    whose: Query[Whose],
    form: Literal["", "full", "old"] = "",
) -> HttpResponseBase:
    """What somebody says of the rows, as CandyJar writes it."""
    found = batch_or_404(request, batch)
    lines = candyjar.classification(found, _wanted(request, found, whose), form)
    return as_csv(lines, f"batch-{found.pk}-classification.csv")


@router.post("/{batch}/verdicts/import", auth=_judges, response=ImportOut)
@reading
def import_verdicts(
    request: Request, batch: int, file: File[UploadedFile], *, look: Form[bool] = False
) -> dict[str, Any]:
    """Say all that a classification.csv says, as one act; `look` only tells of it."""
    found = batch_or_404(request, batch)
    if found.is_under_way:
        raise HttpError(409, "It is still being scored: bring verdicts in then.")
    wanted = plan(found, _read(cast("TemporaryUploadedFile", file)), by=request.user)
    n_given = 0 if look else bring_in(found, wanted, by=request.user)
    return _told(wanted, n_given)


def _read(file: TemporaryUploadedFile) -> list[Entry]:
    try:
        return read(Path(file.temporary_file_path()))
    except PulsarError as error:
        raise HttpError(422, f"{file.name} {error}.") from error


def _told(wanted: Plan, n_given: int) -> dict[str, Any]:
    return {
        "n_given": n_given,
        "n_new": len(wanted.new),
        "n_changed": len(wanted.changed),
        "n_same": wanted.n_same,
        "n_uncat": wanted.n_uncat,
        "n_refused": len(wanted.refused),
        "refused": wanted.refused[:_REFUSED_TOLD],
    }


def _wanted(request: Request, batch: Batch, whose: Whose) -> candyjar.Wanted:
    return candyjar.wanted(
        batch,
        person=_person(whose.person) if whose.person else None,
        to=request.user,
        everything=whose.all,
    )


def _person(name: str) -> User:
    """Of a name that nobody has, somebody who has said nothing."""
    return User.objects.filter(username=name).first() or User(pk=0)
