"""Sentinels: the known pulsars that no version may lose."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile
from ninja.errors import HttpError
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import refusal
from accounts.requests import Request
from registry.api.given import Count, Text
from registry.api.people import name_of
from registry.api.storing import storing
from registry.models import Dataset, Sentinel
from registry.sentinels.add import add, put_back
from registry.sentinels.forms import FileForm
from registry.sentinels.read import read_file, why
from registry.sentinels.remove import remove
from registry.sentinels.search import MOST, chosen

router = Router()
_adds = Needs("registry.add_sentinel")
_changes = Needs("registry.change_sentinel")
# Of a file's rows that were not taken, so many are told.
_TOLD = 5

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class SentinelOut(Schema):
    """A known pulsar: never trained on, to be found by each version."""

    id: int
    name: str
    hash: str
    features: list[float]
    pointing: str
    # Where its row was taken from, in words.
    origin: str
    note: str
    added_at: datetime
    added_by: str | None
    # Taken out of the set; it can be put back.
    removed_at: datetime | None

    @staticmethod
    def resolve_added_by(sentinel: Sentinel) -> str | None:
        return name_of(sentinel.added_by)


class SentinelsIn(Schema):
    """Why these; others read it."""

    note: Text = ""


class ChosenIn(SentinelsIn):
    """Which pulsars of which dataset."""

    dataset: Count
    hashes: Annotated[list[Hash], Field(min_length=1, max_length=MOST)]


class AddedOut(Schema):
    """Names of those that are new, that came back, and that had been there."""

    new: list[str]
    back: list[str]
    there: list[str]
    # Rows that were not taken, and of the first of them why.
    n_rejected: int
    why: list[str]


@router.get("", auth=Needs("registry.view_sentinel"), response=list[SentinelOut])
@paginate(Pages)
def list_sentinels(
    request: Request,
    removed: bool = False,  # noqa: FBT001, FBT002
) -> QuerySet[Sentinel]:
    """Those in the set, or those that were taken out; the newest first."""
    known = Sentinel.objects.select_related("added_by")
    return known.filter(removed_at__isnull=not removed)


@router.post("", auth=_adds, response={201: AddedOut})
def bring_sentinels(
    request: Request, asked: Form[SentinelsIn], file: File[UploadedFile]
) -> Status[AddedOut]:
    """Put the known pulsars of a file into the set."""
    form = FileForm(asked.dict(), request.FILES)
    if not form.is_valid():
        raise refusal(form)
    upload = form.cleaned_data["file"]
    with storing():
        found = read_file(Path(upload.temporary_file_path()), upload.name)
    added = add(found.pulsars, note=form.cleaned_data["note"], by=request.user)
    told = [why(reject) for reject in found.rejects[:_TOLD]]
    return Status(
        201, AddedOut(n_rejected=found.n_rejected, why=told, **added._asdict())
    )


@router.post("/of-dataset", auth=_adds, response={201: AddedOut})
def choose_sentinels(request: Request, asked: ChosenIn) -> Status[AddedOut]:
    """Put pulsars of a dataset into the set, by their hashes."""
    dataset = Dataset.objects.filter(number=asked.dataset).first()
    if dataset is None:
        raise HttpError(422, f"There is no dataset {asked.dataset}.")
    with storing():
        pulsars = chosen(dataset, asked.hashes)
    if not pulsars:
        raise HttpError(422, f"No pulsar of {dataset} has such a hash.")
    added = add(pulsars, note=asked.note, by=request.user)
    return Status(201, AddedOut(n_rejected=0, why=[], **added._asdict()))


@router.post("/{sentinel}/remove", auth=_changes, response=SentinelOut)
def remove_sentinel(request: Request, sentinel: int) -> Sentinel:
    """Take one out of the set."""
    found = get_object_or_404(Sentinel, pk=sentinel)
    remove(found, by=request.user)
    found.refresh_from_db()
    return found


@router.post("/{sentinel}/restore", auth=_changes, response=SentinelOut)
def restore_sentinel(request: Request, sentinel: int) -> Sentinel:
    """Put it back."""
    found = get_object_or_404(Sentinel, pk=sentinel)
    put_back(found, by=request.user)
    found.refresh_from_db()
    return found
