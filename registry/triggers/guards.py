"""What keeps a trigger from firing though there is a reason."""

from datetime import datetime, timedelta

from django.conf import settings

from registry.models import Decision, Retraining, Trigger
from registry.training.enough import lacks
from registry.triggers import moments, rows
from registry.triggers.environment import at_fault
from registry.triggers.look import Outcome, told


def held_back(trigger: Trigger, at: datetime) -> tuple[Outcome, str] | None:
    """The first of them that holds; None if it may fire."""
    found = {
        Outcome.BUSY: _busy(trigger),
        Outcome.COOLING: _cooling(trigger, at),
        Outcome.CAPPED: _capped(trigger, at),
        Outcome.ENVIRONMENT: at_fault(at),
        Outcome.CANNOT: _lacking(trigger),
    }
    return next(((outcome, why) for outcome, why in found.items() if why), None)


def _busy(trigger: Trigger) -> str:
    under_way = Retraining.objects.filter(model=trigger.model, open=True).first()
    if under_way is None:
        return ""
    if under_way.stage == Retraining.Stage.WAITING:
        return f"{str(under_way).capitalize()} of {trigger.model} waits for an admin."
    return f"{str(under_way).capitalize()} of {trigger.model} is under way."


def _cooling(trigger: Trigger, at: datetime) -> str:
    until, fired = moments.cooled(trigger), trigger.fired_at
    if until is None or fired is None or at >= until:
        return ""
    # By a clock that went wrong by days, and is right again, it cooled for years.
    if fired - at > timedelta(hours=trigger.cool_down_hours):
        return ""
    return f"It fired {told(fired)} and cools down until {told(until)}."


def _capped(trigger: Trigger, at: datetime) -> str:
    begin, end = moments.day(at)
    shots = Decision.objects.filter(outcome=Outcome.FIRED, at__gte=begin, at__lt=end)
    most, all_most = trigger.daily_cap, settings.PULSAR.triggers.max_per_day
    if shots.filter(trigger=trigger).count() >= most:
        return f"It has fired {_times(most)} today, and may not more often."
    if shots.count() >= all_most:
        return (
            f"All triggers together may fire {_times(all_most)} a day "
            "(triggers.max_per_day)."
        )
    return ""


def _times(n: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(n, f"{n} times")


def _lacking(trigger: Trigger) -> str:
    """With new labels it may be enough: then the training itself says."""
    newest = rows.newest()
    if newest is None:
        return "There is no dataset to learn from: import one."
    why = lacks(newest)
    return why if why and not rows.new_labels(trigger.model).exists() else ""
