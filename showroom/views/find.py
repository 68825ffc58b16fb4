"""What an address is of, if this person may see it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.requests import Request
from showroom import rows
from showroom.cancel import may_change
from showroom.downloads.download import may_see
from showroom.models import Batch, Candidate, Download
from showroom.verdicts.judged import judged

# No batch has more rows, and no database larger numbers.
_MOST = 2**63


def batch_or_404(request: Request, number: int) -> Batch:
    """A private batch of somebody else is not there at all."""
    visible = Batch.objects.visible_to(request.user).newest()
    return get_object_or_404(visible, pk=number)


def batch_to_change(request: Request, number: int) -> Batch:
    """One that this person may cancel and resume; a run's go with their run."""
    found = batch_or_404(request, number)
    if found.is_of_run:
        raise PermissionDenied("It belongs to a run of a schedule: do that there.")
    if not may_change(request.user, found):
        raise PermissionDenied("Only its owner, an operator or an admin may do that.")
    return found


def same_or_404(request: Request, number: int, other: int) -> tuple[Batch, Batch]:
    """Two batches of the same files."""
    first, second = batch_or_404(request, number), batch_or_404(request, other)
    same = Batch.objects.same_input(first.input_sha256).exclude(pk=first.pk)
    if not same.filter(pk=second.pk).exists():
        raise Http404("These are not two batches of the same files.")
    return first, second


def row_of(batch: Batch, number: int) -> rows.Row | None:
    """A scored row; of a reject, and of no row at all, nothing."""
    return rows.one(batch, number) if number < _MOST else None


def reject_or_404(batch: Batch, number: int) -> rows.Row:
    """A row or file that could not be used."""
    is_one = 0 < number < _MOST
    found = next(rows.rejects(batch, number=number), None) if is_one else None
    if found is None:
        raise Http404("The batch has no such row.")
    return found


def candidate_or_404(batch: Batch, number: int) -> Candidate:
    """What is said of a row is said of its candidate, which this makes."""
    found = judged(batch, [number]) if 0 < number < _MOST else {}
    if number not in found:
        raise Http404("The batch has no such row.")
    return found[number]


def download_or_404(request: Request, number: int) -> Download:
    """Whoever may not see the batch may not see that there is a download."""
    found = get_object_or_404(Download.objects.select_related("by"), pk=number)
    found.batch = batch_or_404(request, found.batch_id)
    if not may_see(request.user, found):
        raise Http404("There is no such download.")
    return found
