"""A batch's rows as files: at once where they are few, else prepared by a worker."""

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.timezone import now
from ninja import Query, Router, Schema, Status

from accounts.programs.needs import Needs
from accounts.programs.values import Seconds
from accounts.requests import Request
from monitor.work import State
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.write import FORMATS, by_name
from registry.api.people import name_of
from showroom.api.content import holds
from showroom.api.reading import reading
from showroom.api.wanted import Exported, wanted
from showroom.downloads import listed, prepare
from showroom.downloads.download import download, is_there, rejects_csv
from showroom.downloads.export import file_name
from showroom.models import Download
from showroom.views.find import batch_or_404, download_or_404
from showroom.views.sending import as_csv

of_batch = Router()
router = Router()
_looks = Needs("showroom.view_batch")
Kind = Literal["csv", "parquet", "votable", "fits"]
_FILES = holds(*(kind.media_type for kind in FORMATS))


class DownloadOut(Schema):
    """A file that a worker prepares, and how far it is."""

    id: int
    url: str
    batch: int
    format: str
    name: str
    # Which rows these are, and in which order.
    words: str
    state: State
    reason: str
    # Whether its file can be fetched: prepared, and still kept.
    is_there: bool
    n_rows: int
    n_written: int
    time_left: Seconds
    size: int
    sha256: str
    by: str | None
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_url(found: Download) -> str:
        return found.get_absolute_url()

    @staticmethod
    def resolve_batch(found: Download) -> int:
        return found.batch_id

    @staticmethod
    def resolve_words(found: Download) -> str:
        return listed.words(found)

    @staticmethod
    def resolve_is_there(found: Download) -> bool:
        return is_there(found)

    @staticmethod
    def resolve_time_left(found: Download) -> int | None:
        if not found.is_under_way:
            return None
        return found.seconds_left(now(), found.n_written, found.n_rows)

    @staticmethod
    def resolve_by(found: Download) -> str | None:
        return name_of(found.by)


@of_batch.get(
    "/{batch}/scores",
    auth=_looks,
    response={202: DownloadOut},
    openapi_extra=_FILES,
)
@reading
def download_scores(
    request: Request,
    batch: int,
    asked: Query[Exported],
    format: Kind = "csv",  # noqa: A002  # as it is called everywhere
) -> HttpResponseBase | Status[Download]:
    """The wanted rows as a file; 202: a worker prepares it, as `/downloads` tells."""
    found = batch_or_404(request, batch)
    wanted(request, found, asked)
    kind, query = _kind(format), asked.query()
    made = download(found, query, kind, by=request.user)
    if isinstance(made, Download):
        return Status(202, made)
    return _as_file(made, kind, file_name(found, kind, query))


@of_batch.get("/{batch}/rejects.csv", auth=_looks, openapi_extra=holds("text/csv"))
@reading
def download_rejects(request: Request, batch: int) -> HttpResponseBase:
    """All that could not be used, as a table."""
    found = batch_or_404(request, batch)
    return as_csv(rejects_csv(found), f"batch-{found.pk}-rejects.csv")


@of_batch.get("/{batch}/downloads", auth=_looks, response=list[DownloadOut])
def list_downloads(request: Request, batch: int) -> list[Download]:
    """The last that were prepared of it, as far as one may see them."""
    found = batch_or_404(request, batch)
    return [one.download for one in listed.newest(found, to=request.user)]


@router.get("/{download}", auth=_looks, response=DownloadOut)
def get_download(request: Request, download: int) -> Download:
    """How far it is."""
    return download_or_404(request, download)


@router.get("/{download}/file", auth=_looks, openapi_extra=_FILES)
@reading
def fetch_download(request: Request, download: int) -> HttpResponseBase:
    """The file, once it is there and as long as it is kept."""
    found = download_or_404(request, download)
    if not is_there(found):
        raise Http404("It is not there.")
    return _as_file(found.path.open("rb"), _kind(found.format), found.name)


@router.post("/{download}/cancel", auth=_looks, response=DownloadOut)
def cancel_download(request: Request, download: int) -> Download:
    """Stop it."""
    found = download_or_404(request, download)
    if not prepare.may_cancel(request.user, found):
        raise PermissionDenied("Only who asked for it, or an operator, may do that.")
    prepare.cancel(found)
    return download_or_404(request, download)


def _kind(name: str) -> Format:
    kind = by_name(name)
    if kind is None:
        raise Http404("There is no such format.")
    return kind


def _as_file(content: Any, kind: Format, name: str) -> FileResponse:
    response = FileResponse(content, content_type=kind.media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
