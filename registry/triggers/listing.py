"""Triggers as their list shows them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from monitor.clock.cron import clock_zone, upcoming
from registry.models import Decision, Trigger
from registry.triggers.words import sentence


class Line(NamedTuple):
    """One trigger: what it says, what was found last, when it is looked at next."""

    trigger: Trigger
    words: str
    last: Decision | None
    # Of the clock its next moment, of the others the next look; none while it is off.
    next: datetime | None


def lines(at: datetime) -> Iterator[Line]:
    """Those that nobody has removed, by name."""
    return (line(trigger, at) for trigger in live())


def live() -> QuerySet[Trigger]:
    """The same without what is said of them."""
    return Trigger.objects.filter(removed_at=None).order_by("name", "pk")


def line(trigger: Trigger, at: datetime) -> Line:
    """One of them."""
    return Line(trigger, sentence(trigger), last(trigger), next_look(trigger, at))


def last(trigger: Trigger) -> Decision | None:
    """What it has found last."""
    return trigger.decisions.order_by("pk").select_related("by").last()


def next_look(trigger: Trigger, at: datetime) -> datetime | None:
    """When it is looked at again; of the clock, its next moment."""
    if not trigger.is_on or trigger.kind == Trigger.Kind.BUTTON:
        return None
    if trigger.kind != Trigger.Kind.SCHEDULE:
        return at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    moments = upcoming(trigger.condition["cron"], at, clock_zone(), 1)
    return next((m.at for m in moments if m.mark != "skipped"), None)
