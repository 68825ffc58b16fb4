"""Bring a retraining from stage to stage, each time by compare-and-set."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from registry.models import Retraining

Stage = Retraining.Stage
# Of the lease, which has a retraining's name: longer than any step, none of which does
# the work itself.
SECONDS = 120


def go(retraining: Retraining, to: Retraining.Stage, **changes: Any) -> bool:
    """Enter the next stage, if it is still where it was."""
    mine = _mine(retraining)
    return mine.update(stage=to, reason="", **changes) == 1


def say(retraining: Retraining, reason: str) -> None:
    """Tell what it waits for."""
    _mine(retraining).update(reason=reason[:500])


def end(
    retraining: Retraining,
    stage: Retraining.Stage,
    reason: str,
    *,
    by: User | None = None,
    event: str = "",
) -> bool:
    """Bring it to its end, once; what a person decided is an event of its own."""
    with transaction.atomic():
        ended = _mine(retraining).update(
            stage=stage, reason=reason[:500], open=None, ended_at=now(), by=by
        )
        if ended:
            about, version = str(retraining), str(retraining.version or "")
            told = {"version": version, "reason": reason}
            if event:
                record(event, about=about, who=by, **told)
            record("retraining.ended", about=about, outcome=str(stage), **told)
    return ended == 1


def _mine(retraining: Retraining) -> QuerySet[Retraining]:
    return Retraining.objects.filter(
        pk=retraining.pk, stage=retraining.stage, open=True
    )
