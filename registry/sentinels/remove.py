"""Take a pulsar out of the sentinels: later trainings may learn from it."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from monitor.events import record
from registry.models import Sentinel


@transaction.atomic
def remove(sentinel: Sentinel, *, by: User | None) -> bool:
    """Take it out; its row stays, so that it can be put back."""
    present = Sentinel.objects.filter(pk=sentinel.pk, removed_at=None)
    is_out = present.update(removed_at=timezone.now()) == 1
    if is_out:
        record("sentinel.removed", about=sentinel.name, who=by)
    return is_out
