"""The batch of an address, if this person may see it."""

from django.shortcuts import get_object_or_404

from accounts.requests import Request
from showroom.models import Batch


def batch_or_404(request: Request, number: int) -> Batch:
    """A private batch of somebody else is not there at all."""
    visible = Batch.objects.visible_to(request.user).newest()
    return get_object_or_404(visible, pk=number)
