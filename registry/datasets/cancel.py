"""Stop a build."""

from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from monitor.work import State
from registry.datasets.build import tidy
from registry.models import Build


def cancel(build: Build, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    asked = Build.objects.under_way().filter(pk=build.pk)
    with transaction.atomic():
        if not asked.filter(cancel_requested=False).update(cancel_requested=True):
            return
        ended = asked.filter(state__in=[State.QUEUED, State.UP_FOR_RETRY]).update(
            state=State.CANCELLED, reason="Cancelled on request.", finished_at=now()
        )
        if ended:
            record("build.cancelled", about=str(build), who=by, name=build.name)
    if ended:
        tidy(build)
