"""What can be done to a batch: as its pages' buttons do it, for the same people."""

from typing import Annotated

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from ninja import Field, Router, Schema, Status

from accounts.programs.needs import Needs
from accounts.programs.values import refusal
from accounts.requests import Request
from registry import serving
from showroom.again import again
from showroom.api.batches import BatchOut, made
from showroom.api.reading import reading
from showroom.cancel import cancel, resume
from showroom.forms import AgainForm
from showroom.models import Batch
from showroom.storage.delete import in_bin, remove_now, restore, undone_until
from showroom.verdicts import visibility
from showroom.views.find import batch_or_404, batch_to_change

router = Router()
_looks = Needs("showroom.view_batch")
_brings = Needs("showroom.add_batch")


class Again(Schema):
    """By which version, and who is to see what comes of it."""

    version: Annotated[str, Field(max_length=100)] = Field(
        "champion", description="As `pulsar/2`, `pulsar@challenger` or `champion`."
    )
    private: bool = False
    blind: bool = False


class Removed(Schema):
    """What a batch that is gone for good has taken."""

    freed_bytes: int


@router.post("/{batch}/cancel", auth=_looks, response=BatchOut)
def cancel_batch(request: Request, batch: int) -> Batch:
    """Stop it; one that has ended stays as it is."""
    found = batch_to_change(request, batch)
    cancel(found, by=request.user)
    return _now(found)


@router.post("/{batch}/resume", auth=_looks, response=BatchOut)
@reading
def resume_batch(request: Request, batch: int) -> Batch:
    """Go on where it stopped; one that did not stays as it is."""
    found = batch_to_change(request, batch)
    resume(found, by=request.user)
    return _now(found)


@router.post("/{batch}/again", auth=_brings, response={201: BatchOut, 202: BatchOut})
@reading
def classify_batch_again(request: Request, batch: int, asked: Again) -> Status[Batch]:
    """Another batch of the same files, by the version that is named."""
    found = batch_or_404(request, batch)
    version = serving.find(asked.version)
    form = AgainForm({**asked.dict(), "version": version.pk})
    if not form.is_valid():
        raise refusal(form)
    return made(again(found, **form.cleaned_data, by=request.user))


@router.post("/{batch}/publish", auth=_looks, response=BatchOut)
def publish_batch(request: Request, batch: int) -> Batch:
    """Open a private batch to everybody; what was said of it becomes labels."""
    found = batch_or_404(request, batch)
    if not visibility.may_open(request.user, found):
        raise PermissionDenied("Only its owner or an admin may do that.")
    visibility.open_to_all(found, by=request.user)
    return _now(found)


@router.post("/{batch}/blind", auth=_looks, response=BatchOut)
def blind_batch(request: Request, batch: int) -> Batch:
    """From now on nobody sees others' verdicts on a row before their own."""
    found = _to_blind(request, batch)
    visibility.blind(found, by=request.user)
    return _now(found)


@router.post("/{batch}/unblind", auth=_looks, response=BatchOut)
def unblind_batch(request: Request, batch: int) -> Batch:
    """Let everybody see all verdicts on it."""
    found = _to_blind(request, batch)
    visibility.unblind(found, by=request.user)
    return _now(found)


@router.post("/{batch}/restore", auth=_looks, response=BatchOut)
def restore_batch(request: Request, batch: int) -> Batch:
    """Out of the bin again."""
    undoable = in_bin(request.user).filter(deleted_at__gt=undone_until(now()))
    found = get_object_or_404(undoable, pk=batch)
    restore(found, by=request.user)
    return _now(found)


@router.post("/{batch}/remove", auth=_looks, response=Removed)
@reading
def remove_batch(request: Request, batch: int) -> Removed:
    """Out of the bin and off the disk: this cannot be undone."""
    found = get_object_or_404(in_bin(request.user), pk=batch)
    return Removed(freed_bytes=remove_now(found, by=request.user))


def _to_blind(request: Request, number: int) -> Batch:
    found = batch_or_404(request, number)
    if not visibility.may_blind(request.user, found):
        raise PermissionDenied("Only its owner, an operator or an admin may do that.")
    return found


def _now(batch: Batch) -> Batch:
    return Batch.objects.newest().get(pk=batch.pk)
