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
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import Request
from monitor import room
from showroom.errors import ShowroomError
from showroom.models import Batch, BatchFile, Chunk
from showroom.storage import usage
from showroom.storage.delete import (
    delete,
    in_bin,
    may_delete,
    remove_now,
    restore,
    undone_until,
    why_not,
)
from showroom.storage.evidence import why_kept
from showroom.views.find import batch_or_404

_PAGE = 20
_DELETED_SHOWN = 100
_OWNERS_SHOWN = 50
_may_view = permission_required("showroom.view_batch", raise_exception=True)


class Line(NamedTuple):
    """A batch of the list: whether it shares bytes, why it is kept, if it is."""

    batch: Batch
    shares: bool
    kept: str
    may_delete: bool


@require_safe
@_may_view
def page(request: Request) -> HttpResponse:
    """Batches by what they take, the bin, and for whom it is the site."""
    mine = Batch.objects.filter(owner=request.user)
    of_all = request.user.has_perm("showroom.change_batch")
    listed = Batch.objects.all() if of_all else mine
    is_of_one, owner = _owner(request) if of_all else (False, None)
    shown = (listed.filter(owner=owner) if is_of_one else listed).newest()
    largest = usage.sized(shown.visible_to(request.user)).order_by("-bytes", "-pk")
    batches = Paginator(largest, _PAGE).get_page(request.GET.get("page"))
    deleted = in_bin(request.user).newest()
    context = {
        "is_of_one": is_of_one,
        "owner": owner,
        "batches": batches,
        "lines": _lines(request, list(batches), among=listed),
        "scores": usage.scores(Chunk.objects.filter(batch__in=mine)),
        "uploads": usage.uploads(BatchFile.objects.filter(batch__in=mine)),
        "deleted": usage.sized(deleted.select_related("owner", "deleted_by"))[
            :_DELETED_SHOWN
        ],
        "just_deleted": _named(deleted, request.GET.get("deleted", "")),
        "undone_until": undone_until(now()),
        "undo_hours": settings.PULSAR.retention.undo_hours,
    }
    if of_all:
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
    undoable = in_bin(request.user).filter(deleted_at__gt=undone_until(now()))
    found = get_object_or_404(undoable, pk=number)
    try:
        restore(found, by=request.user)
    except ShowroomError as error:
        messages.error(request, str(error))
        return redirect("showroom:storage")
    return redirect(found)


@_may_view
def remove_batch(request: Request, number: int) -> HttpResponse:
    """Say that this cannot be undone; then make the room that a batch takes."""
    found = get_object_or_404(in_bin(request.user).newest(), pk=number)
    if request.method != "POST":
        return _confirm_removal(request, found)
    try:
        freed = remove_now(found, by=request.user)
    except ShowroomError as error:
        return _confirm_removal(request, found, str(error), status=409)
    words = f"{found.title}, was removed: {filesizeformat(freed)} are free again."
    messages.success(request, f"Batch {number}, {words}")
    return redirect("showroom:storage")


def _owner(request: Request) -> tuple[bool, User | None]:
    """Whether the batches of one owner are asked for, and whose; None is the site."""
    number = request.GET.get("owner", "")
    if not number.isdecimal():
        return False, None
    pk = int(number[:18])
    return True, get_object_or_404(User, pk=pk) if pk else None


def _lines(
    request: Request, batches: list[Batch], among: QuerySet[Batch]
) -> list[Line]:
    # Nobody learns from it what is private to others.
    seen = Batch.objects.visible_to(request.user)
    sharing = usage.sharing(batches, among.filter(pk__in=seen.values("pk")))
    return [
        Line(one, one.pk in sharing, why_kept(one), may_delete(request.user, one))
        for one in batches
    ]


def _confirm_removal(
    request: Request, batch: Batch, reason: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "batch": usage.sized(Batch.objects.newest()).get(pk=batch.pk),
        "reason": reason,
    }
    return render(request, "showroom/remove.html", context, status=status)


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
