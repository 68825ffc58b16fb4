"""Batches: looked up, and brought."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from ninja import File, Form, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Length, refusal
from accounts.requests import Request
from monitor.work import State
from pulsar_ml.errors import PulsarError
from registry.api.people import name_of
from registry.errors import RegistryError
from showroom.api.given import Sha256, VersionName, Words
from showroom.api.reading import reading
from showroom.forms import UploadForm
from showroom.models import Batch, BatchFile
from showroom.pace import Pace, pace
from showroom.storage.delete import delete, in_bin, may_delete
from showroom.upload import upload
from showroom.views.find import batch_or_404

router = Router()
_looks = Needs("showroom.view_batch")
_brings = Needs("showroom.add_batch")


class BatchOut(Schema):
    """A batch, and how far it is."""

    id: int
    url: str
    title: str
    source: Batch.Source
    state: State
    reason: str
    # Whoever has been erased is nobody's name.
    owner: str | None
    private: bool
    blind: bool
    version: str
    percent: int
    n_rows: int
    n_scored: int
    n_pulsars: int
    n_rejected: int
    sha256: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_url(batch: Batch) -> str:
        return batch.get_absolute_url()

    @staticmethod
    def resolve_owner(batch: Batch) -> str | None:
        return name_of(batch.owner)

    @staticmethod
    def resolve_version(batch: Batch) -> str:
        return str(batch.version)


class FileOut(Schema):
    """A file of a batch."""

    name: str
    sha256: str
    size: int
    # When retention took its bytes away.
    removed_at: datetime | None


class PaceOut(Schema):
    """How quickly it is being scored, as far as that can be told."""

    rows_per_second: int
    time_left: Length

    @staticmethod
    def resolve_time_left(pace: Pace) -> timedelta:
        return timedelta(seconds=pace.seconds_left)


class OneBatch(BatchOut):
    """A batch with all that its page says of it at once."""

    # How many that came before wait for the same workers, or have them.
    ahead: int | None
    pace: PaceOut | None
    threshold: float
    # What its files said besides; in an order of rows they are meta_0, meta_1, ...
    columns: list[str]
    # How its files were read, where that was not plain.
    notes: list[str]
    n_files: int
    bytes_total: int
    input_sha256: str
    # The batch whose files these are, if one may see it.
    again_of: int | None
    # The run of a schedule, or the day of single cases, that it belongs to.
    run: int | None
    day: date | None

    @staticmethod
    def resolve_ahead(batch: Batch) -> int | None:
        return batch.ahead if batch.is_under_way else None

    @staticmethod
    def resolve_pace(batch: Batch) -> Pace | None:
        return pace(batch) if batch.is_under_way else None

    @staticmethod
    def resolve_threshold(batch: Batch) -> float:
        return float(batch.version.card["threshold"])

    @staticmethod
    def resolve_n_files(batch: Batch) -> int:
        return batch.files.count()

    @staticmethod
    def resolve_again_of(batch: Batch, context: dict[str, Any]) -> int | None:
        seen = Batch.objects.visible_to(context["request"].user)
        return batch.again_of_id if seen.filter(again=batch).exists() else None


class DeletedOut(BatchOut):
    """A batch in the bin."""

    deleted_at: datetime
    deleted_by: str | None

    @staticmethod
    def resolve_deleted_by(batch: Batch) -> str | None:
        return name_of(batch.deleted_by)


@router.get("", auth=_looks, response=list[BatchOut])
@paginate(Pages)
def list_batches(
    request: Request,
    state: State | None = None,
    source: Batch.Source | None = None,
    version: VersionName | None = None,
    owner: Words | None = None,
    text: Words | None = None,
    input_sha256: Sha256 | None = None,
) -> QuerySet[Batch]:
    """Those that one may see, the newest first; `text` is looked for in titles.

    Of one `input_sha256` are those of the very same files.
    """
    model, _, number = (version or "").partition("/")
    asked: dict[str, Any] = {
        "state": state,
        "source": source,
        "version__model__name": model,
        "version__number": number,
        "owner__username": owner,
        "title__icontains": text,
        "input_sha256": input_sha256,
    }
    found = Batch.objects.visible_to(request.user).newest()
    return found.filter(**{name: value for name, value in asked.items() if value})


@router.post("", auth=_brings, response={200: BatchOut, 201: BatchOut, 202: BatchOut})
@reading
def upload_batch(
    request: Request,
    files: File[list[UploadedFile]],
    *,
    private: Form[bool] = False,
    blind: Form[bool] = False,
) -> Status[Batch]:
    """Files of any readable format, raw candidates among them, become one batch.

    201: it was scored at once. 202: a worker has it, and the batch tells how far it is.
    200: the same files came before, and this is their newest batch; nothing was made.
    `POST /batches/{batch}/again` classifies them again.
    """
    return uploaded(request, private=private, blind=blind)


@router.get("/deleted", auth=_looks, response=list[DeletedOut])
@paginate(Pages)
def list_deleted_batches(request: Request) -> QuerySet[Batch]:
    """The bin: one's own, or everybody's for who may delete them."""
    return in_bin(request.user).newest().select_related("deleted_by")


@router.get("/{batch}", auth=_looks, response=OneBatch)
def get_batch(request: Request, batch: int) -> Batch:
    """One of them, and how long it may still take."""
    return batch_or_404(request, batch)


@router.delete("/{batch}", auth=_looks, response={204: None})
def delete_batch(request: Request, batch: int) -> Status[None]:
    """Into the bin, from where it can be restored for a while."""
    found = batch_or_404(request, batch)
    if not may_delete(request.user, found):
        raise PermissionDenied("Only its owner or an admin may delete a batch.")
    delete(found, by=request.user)
    return Status(204, None)


@router.get("/{batch}/files", auth=_looks, response=list[FileOut])
@paginate(Pages, ordering=("position",))
def list_batch_files(request: Request, batch: int) -> QuerySet[BatchFile]:
    """What was brought, in its order."""
    return batch_or_404(request, batch).files.all()


def uploaded(request: Request, *, private: bool, blind: bool) -> Status[Batch]:
    """What the page's form finds good is taken in."""
    asked = {"private": private, "blind": blind}
    form = UploadForm(asked, request.FILES)
    if not form.is_valid():
        raise refusal(form)
    try:
        found = upload(form.cleaned_data["files"], by=request.user, **asked)
    except (PulsarError, RegistryError) as error:
        # The files are as good as any: it is the champion that cannot answer.
        raise HttpError(503, str(error)) from error
    if found.came_before:
        return Status(200, found.batch)
    return made(found.batch)


def made(batch: Batch) -> Status[Batch]:
    """A new batch: scored in the request, or on its way to the workers."""
    return Status(202 if batch.is_under_way else 201, batch)
