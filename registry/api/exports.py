"""Exports: labels that were new, as files."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import FileResponse
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from monitor.work import State
from registry.api.bodies import holds
from registry.api.given import Slug
from registry.api.people import name_of
from registry.dvc.place import where
from registry.exports.cancel import cancel
from registry.exports.write import FILES
from registry.models import Export
from registry.views import exports as pages

router = Router()
_looks = Needs("registry.view_dataset")
_makes = Needs("registry.add_dataset")
_KINDS = dict.fromkeys(kind.partition(";")[0] for kind in FILES.values())

File = Literal["labels.csv", "labels.parquet", "gone.csv", "manifest.json"]


class DvcOut(Schema):
    """Where it is in the DVC repository, and what is to be said of that."""

    # From the root of the repository on; null while it is not whole there.
    path: str | None
    committed: bool
    # The commit that brought it, where git keeps the repository.
    commit: str | None
    note: str


class ExportOut(Schema):
    """An export, how far it is, and what it holds once it is there."""

    id: int
    model: str
    # Of this model, from 1.
    number: int
    state: State
    reason: str
    by: str | None
    created_at: datetime
    finished_at: datetime | None
    n_labels: int | None
    n_pulsars: int | None
    # Addresses by name, once they are there.
    files: dict[str, str]
    manifest: dict[str, Any]
    # Null where the site has no DVC repository, and until it was tried.
    dvc: DvcOut | None

    @staticmethod
    def resolve_model(export: Export) -> str:
        return export.model.name

    @staticmethod
    def resolve_by(export: Export) -> str | None:
        return name_of(export.by)

    @staticmethod
    def resolve_n_labels(export: Export) -> int | None:
        found: int | None = export.manifest.get("labels")
        return found

    @staticmethod
    def resolve_n_pulsars(export: Export) -> int | None:
        found: int | None = export.manifest.get("pulsars")
        return found

    @staticmethod
    def resolve_files(export: Export) -> dict[str, str]:
        names = FILES if export.manifest else ()
        return {name: f"/api/v1/exports/{export.pk}/files/{name}" for name in names}

    @staticmethod
    def resolve_dvc(export: Export) -> dict[str, Any] | None:
        if not (export.dvc_at or export.dvc_note):
            return None
        return {
            "path": str(where(export)) if export.dvc_at else None,
            "committed": bool(export.dvc_commit),
            "commit": export.dvc_commit or None,
            "note": export.dvc_note,
        }


class ExportsAsked(Schema):
    """Which exports are wanted; what is left out asks nothing."""

    model: Slug | None = None
    state: State | None = None


@router.get("", auth=_looks, response=list[ExportOut])
@paginate(Pages)
def list_exports(request: Request, asked: Query[ExportsAsked]) -> QuerySet[Export]:
    """All of them, the newest first."""
    wanted = {"model__name": asked.model, "state": asked.state}
    given = {name: value for name, value in wanted.items() if value}
    return Export.objects.filter(**given).select_related("model", "by")


@router.get("/{export}", auth=_looks, response=ExportOut)
def get_export(request: Request, export: int) -> Export:
    """One of them."""
    return pages.export_or_404(export)


@router.post("/{export}/cancel", auth=_makes, response=ExportOut)
def cancel_export(request: Request, export: int) -> Export:
    """Stop it; what was chosen for it stays new."""
    cancel(pages.export_or_404(export), by=request.user)
    return pages.export_or_404(export)


@router.get(
    "/{export}/files/{file}",
    auth=_looks,
    openapi_extra=holds(*_KINDS),
)
def get_export_file(request: Request, export: int, file: File) -> FileResponse:
    """One of its files, as it was written."""
    return pages.file(request, export, file)
