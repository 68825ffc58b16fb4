"""What the rules are held against: read in a few queries, whatever their number."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from monitor.alerts.words import labelled
from monitor.models import Check, Flip, Rule, Sample

# A figure that is measured now and then holds until its next value, so long.
KEPT = timedelta(days=1)
OLDER = 100  # values of one figure that are read beyond the time of the rules
# A figure that comes each minute has two values in every minute and a half.
SLACK = timedelta(seconds=90)
_LONGEST_CAUSE = 200


class Series(NamedTuple):
    """The values of one figure with the same labels, newest first."""

    labels: dict[str, Any]
    points: list[tuple[datetime, float]]
    # Whether there may be older ones that nobody has read.
    is_cut: bool


class World(NamedTuple):
    """Everything that is looked at, at one time."""

    at: datetime
    checks: dict[str, Check]
    # When it was found that they are down, which they may have been before.
    found: dict[str, datetime]
    # By the name of the figure, and by the cause of an alert.
    figures: dict[str, dict[str, Series]]
    # When the system clock was set, and by how many seconds.
    steps: list[tuple[datetime, float]]

    def lasted(self, since: datetime) -> float:
        """Seconds since then that really went by, whatever the clock was set to."""
        stepped = sum(step for at, step in self.steps if since < at or since > self.at)
        return (self.at - since).total_seconds() - stepped


def world(rules: Iterable[Rule], at: datetime) -> World:
    """Read what these rules need."""
    spans: dict[str, int] = {}
    for rule in rules:
        if rule.figure:
            spans[rule.figure] = max(rule.for_seconds, spans.get(rule.figure, 0))
    steps = Sample.objects.filter(name="clock.step", at__gt=at - KEPT, at__lte=at)
    return World(
        at,
        {check.slug: check for check in Check.objects.all()},
        _found(),
        {name: _series(name, seconds, at) for name, seconds in spans.items()},
        list(steps.values_list("at", "value")),
    )


def cause_of(figure: str, labels: dict[str, Any]) -> str:
    """What an alert about a figure is about; no slug of a check has a blank."""
    cause = f"figure {figure}{labelled(labels)}"
    if len(cause) <= _LONGEST_CAUSE:
        return cause
    return f"{cause[: _LONGEST_CAUSE - 17]} {sha256(cause.encode()).hexdigest()[:16]}"


def _found() -> dict[str, datetime]:
    flips = Flip.objects.filter(subject=OuterRef("pk")).order_by("-pk")
    down = Check.objects.filter(state=Check.State.DOWN)
    newest = down.annotate(found=Subquery(flips.values("at")[:1]))
    return dict(newest.exclude(found=None).values_list("slug", "found"))


def _series(name: str, seconds: int, at: datetime) -> dict[str, Series]:
    begin = at - timedelta(seconds=seconds) - SLACK
    rows = Sample.objects.filter(name=name, at__lte=at).order_by("-at", "-pk")
    values = rows.values_list("at", "value", "labels")
    recent = list(values.filter(at__gt=begin))
    older = list(values.filter(at__lte=begin, at__gt=at - KEPT)[:OLDER])
    is_cut = len(older) == OLDER
    found: dict[str, Series] = {}
    points: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for moment, value, labels in [*recent, *older]:
        cause = cause_of(name, labels)
        found.setdefault(cause, Series(labels, points[cause], is_cut)).points.append(
            (moment, value)
        )
    return found
