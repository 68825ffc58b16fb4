"""Stop a piece of work, whoever has it."""

from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from monitor.work import State, Work


def stop(work: Work, event: str, *, by: User | None, **detail: object) -> bool:
    """Ask for the end: at once if it waits, else at its worker's next beat.

    True if it waited: then it has ended, and the event is recorded with that.
    """
    asked = type(work).objects.under_way().filter(pk=work.pk)
    with transaction.atomic():
        if not asked.filter(cancel_requested=False).update(cancel_requested=True):
            return False
        ended = asked.filter(state__in=[State.QUEUED, State.UP_FOR_RETRY]).update(
            state=State.CANCELLED,
            reason="Cancelled on request.",
            finished_at=now(),
            **work.ALONG.get(State.CANCELLED, {}),
        )
        if ended:
            work.count_end(State.CANCELLED)
            record(event, about=str(work), who=by, **detail)
    return bool(ended)
