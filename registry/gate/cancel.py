"""Stop a comparison."""

from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from monitor.work import State
from registry.models import Comparison


@transaction.atomic
def cancel(comparison: Comparison, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    asked = Comparison.objects.under_way().filter(pk=comparison.pk)
    if not asked.filter(cancel_requested=False).update(cancel_requested=True):
        return
    ended = asked.filter(state__in=[State.QUEUED, State.UP_FOR_RETRY]).update(
        state=State.CANCELLED, reason="Cancelled on request.", finished_at=now()
    )
    if ended:
        record("comparison.cancelled", about=str(comparison), who=by)
