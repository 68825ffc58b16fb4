"""Let a trigger fire: one retraining of a model at a time, whoever else is at it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from monitor import crash
from monitor.events import record
from registry.models import Decision, Retraining, Trigger
from registry.triggers.look import Look
from registry.triggers.moments import fired_for


class _Overtaken(Exception):
    """Somebody else has fired it since it was looked at."""


def fire(
    trigger: Trigger, found: Look, at: datetime, *, by: User | None
) -> Retraining | None:
    """Begin a retraining, all of it or nothing; None if another was first."""
    try:
        with transaction.atomic():
            retraining = _begin(trigger, found, at, by)
            crash.at("retraining.begun")
    except (IntegrityError, _Overtaken):
        return None
    return retraining


def _begin(trigger: Trigger, found: Look, at: datetime, by: User | None) -> Retraining:
    seen = Trigger.objects.filter(pk=trigger.pk, fired_at=trigger.fired_at)
    if not seen.update(fired_at=fired_for(found, at)):
        raise _Overtaken
    decision = Decision.objects.create(
        trigger=trigger,
        at=at,
        last_at=at,
        outcome=found.outcome,
        reason=found.reason[:500],
        figures=found.figures,
        by=by,
    )
    retraining = Retraining.objects.create(
        trigger=trigger,
        decision=decision,
        model=trigger.model,
        policy=trigger.policy,
    )
    record(
        "retraining.started",
        about=str(retraining),
        who=by,
        trigger=trigger.name,
        reason=decision.reason,
        policy=trigger.policy,
    )
    return retraining
