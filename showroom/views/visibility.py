"""Who sees a batch and its verdicts: switched by its owner or an operator."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.requests import Request
from showroom.errors import ShowroomError
from showroom.verdicts import visibility
from showroom.views.find import batch_or_404

_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_POST
@_may_view
def publish(request: Request, number: int) -> HttpResponse:
    """Open a private batch to everybody."""
    batch = batch_or_404(request, number)
    if not visibility.may_open(request.user, batch):
        raise PermissionDenied("Only its owner or an admin may do that.")
    try:
        visibility.open_to_all(batch, by=request.user)
        messages.success(request, "Everybody sees this batch now.")
    except ShowroomError as error:
        messages.info(request, str(error))
    return redirect(batch)


@require_POST
@_may_view
def blind(request: Request, number: int) -> HttpResponse:
    """Hide others' verdicts from whoever has not judged a row, or show them."""
    batch = batch_or_404(request, number)
    if not visibility.may_blind(request.user, batch):
        raise PermissionDenied("Only its owner, an operator or an admin may do that.")
    if request.POST.get("blind") == "1":
        visibility.blind(batch, by=request.user)
        messages.success(
            request, "Nobody sees others' verdicts before their own any more."
        )
    else:
        visibility.unblind(batch, by=request.user)
        messages.success(request, "Everybody sees all verdicts now.")
    return redirect(batch)
