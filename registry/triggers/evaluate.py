"""Look at triggers: each at most once a minute, by whoever is first."""

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.timezone import now

from accounts.models import User
from registry.errors import CannotTrigger
from registry.models import Decision, Trigger
from registry.triggers import kinds
from registry.triggers.fire import fire
from registry.triggers.guards import held_back
from registry.triggers.look import Look, Outcome, fires

logger = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)


def evaluate_all(at: datetime) -> list[Decision]:
    """Look at all that are on; whatever becomes of one, the others have their turn."""
    live = Trigger.objects.filter(is_on=True, removed_at=None)
    asked = live.exclude(kind=Trigger.Kind.BUTTON).order_by("pk")
    return [decision for trigger in asked if (decision := _one(trigger, at))]


def evaluate(trigger: Trigger, at: datetime) -> Decision | None:
    """Look at one, unless this minute has had its look."""
    if not _take(trigger, at):
        return None
    return _decide(trigger, look(trigger, at), at)


def look(trigger: Trigger, at: datetime) -> Look:
    """What a look finds, and what would follow; nothing is written."""
    found = kinds.find(trigger, at)
    return _held(trigger, found, at) if found.outcome == Outcome.FIRED else found


def press(trigger: Trigger, *, by: User) -> Decision:
    """Fire it because a person wants so, if nothing holds it back."""
    at = now()
    if trigger.removed_at or not trigger.is_on:
        raise CannotTrigger(f"{trigger.name} is switched off: nothing was started.")
    found = _held(trigger, fires(f"{by.username} pressed the button."), at)
    Trigger.objects.filter(pk=trigger.pk).update(evaluated_at=at)
    return _decide(trigger, found, at, by)


def note(
    trigger: Trigger, found: Look, at: datetime, by: User | None = None
) -> Decision:
    """Put a look that did not fire on record: the same again is counted, not told."""
    last = trigger.decisions.order_by("pk").last()
    same = last and (last.outcome, last.reason, last.by) == (
        found.outcome,
        found.reason,
        by,
    )
    if last and same:
        again = Decision.objects.filter(pk=last.pk)
        again.update(n=F("n") + 1, last_at=at, figures=found.figures)
        return last
    return Decision.objects.create(
        trigger=trigger,
        at=at,
        last_at=at,
        outcome=found.outcome,
        reason=found.reason,
        figures=found.figures,
        by=by,
    )


def _one(trigger: Trigger, at: datetime) -> Decision | None:
    try:
        return evaluate(trigger, at)
    # The door of one trigger: the others do not depend on it.
    except Exception:
        logger.exception("The trigger %s could not be looked at", trigger)
        return None


def _take(trigger: Trigger, at: datetime) -> bool:
    """The look of this minute; after a clock was put back, too."""
    minute = at.replace(second=0, microsecond=0)
    due = Q(evaluated_at=None) | Q(evaluated_at__lt=minute)
    due |= Q(evaluated_at__gte=minute + _MINUTE)
    mine = Trigger.objects.filter(due, pk=trigger.pk, is_on=True, removed_at=None)
    return mine.update(evaluated_at=at) == 1


def _held(trigger: Trigger, found: Look, at: datetime) -> Look:
    if why := held_back(trigger, at):
        outcome, words = why
        return found._replace(outcome=outcome, reason=words[:500])
    return found


def _decide(
    trigger: Trigger, found: Look, at: datetime, by: User | None = None
) -> Decision:
    if found.outcome != Outcome.FIRED:
        return note(trigger, found, at, by)
    if shot := fire(trigger, found, at, by=by):
        return shot.decision
    words = f"Another retraining of {trigger.model} was begun in this very moment."
    return note(trigger, Look(Outcome.BUSY, words, found.figures), at, by)
