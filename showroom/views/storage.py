"""What takes room on the disk, and batches on their way out and back."""

from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor import room
from showroom.errors import ShowroomError
from showroom.models import Batch, BatchFile, Chunk
from showroom.storage import usage
from showroom.storage.delete import delete, in_bin, may_delete, restore, why_not
from showroom.storage.evidence import why_kept
from showroom.views.find import batch_or_404

_PAGE = 20
_DELETED_SHOWN = 100
_OWNERS_SHOWN = 50
_may_view = permission_required("showroom.view_batch", raise_exception=True)


class Line(NamedTuple):
    """A batch of the list: whether it shares bytes, and why it is kept, if it is."""

    batch: Batch
    shares: bool
    kept: str


@require_safe
@_may_view
def page(request: Request) -> HttpResponse:
    """One's own batches by what they take, the bin, and for whom it is the site."""
    at = now()
    mine = Batch.objects.filter(owner=request.user)
    shown = mine.visible_to(request.user).newest()
    largest = usage.sized(shown).order_by("-bytes", "-pk")
    batches = Paginator(largest, _PAGE).get_page(request.GET.get("page"))
    deleted = in_bin(request.user, at).newest()
    context = {
        "batches": batches,
        "lines": _lines(list(batches), among=mine),
        "scores": usage.scores(Chunk.objects.filter(batch__in=mine)),
        "uploads": usage.uploads(BatchFile.objects.filter(batch__in=mine)),
        "deleted": usage.sized(deleted.select_related("owner", "deleted_by"))[
            :_DELETED_SHOWN
        ],
        "just_deleted": _named(deleted, request.GET.get("deleted", "")),
        "undo_hours": settings.PULSAR.retention.undo_hours,
    }
    if request.user.has_perm("showroom.change_batch"):
        context |= _site()
    return render(request, "showroom/storage.html", context)


@_may_view
def delete_batch(request: Request, number: int) -> HttpResponse:
    """Say what would go and what would stay; then delete it."""
    found = batch_or_404(request, number)
    if not may_delete(request.user, found):
        raise PermissionDenied("Only its owner or an admin may delete a batch.")
    if request.method != "POST":
        return _confirm(request, found)
    try:
        delete(found, by=request.user)
    except ShowroomError as error:
        return _confirm(request, found, str(error), status=409)
    return redirect(f"{reverse('showroom:storage')}?deleted={found.pk}")


@require_POST
@_may_view
def restore_batch(request: Request, number: int) -> HttpResponse:
    """Undo a deletion."""
    found = get_object_or_404(in_bin(request.user, now()), pk=number)
    try:
        restore(found, by=request.user)
    except ShowroomError as error:
        messages.error(request, str(error))
        return redirect("showroom:storage")
    return redirect(found)


def _lines(batches: list[Batch], among: QuerySet[Batch]) -> list[Line]:
    sharing = usage.sharing(batches, among)
    return [Line(one, one.pk in sharing, why_kept(one)) for one in batches]


def _confirm(
    request: Request, batch: Batch, reason: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "batch": usage.sized(Batch.objects.newest()).get(pk=batch.pk),
        "candidates": batch.candidates.count(),
        "downloads": batch.downloads.aggregate(n=Count("pk"), bytes=Sum("size")),
        "reason": reason or why_not(batch),
        "undo_hours": settings.PULSAR.retention.undo_hours,
    }
    return render(request, "showroom/delete.html", context, status=status)


def _named(batches: QuerySet[Batch], number: str) -> Batch | None:
    return batches.filter(pk=int(number[:18])).first() if number.isdecimal() else None


def _site() -> dict[str, Any]:
    owners = usage.by_owner()
    return {
        "kinds": usage.by_kind(),
        "owners": owners[:_OWNERS_SHOWN],
        "more_owners": len(owners[_OWNERS_SHOWN:]),
        "free": room.free(),
        "reserve": settings.PULSAR.storage.reserve_bytes,
    }
