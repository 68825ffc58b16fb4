"""Whether a rule holds, of what, and for how long."""

import operator
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from itertools import takewhile
from typing import Any, NamedTuple

from monitor.alerts.words import amount, labelled, lasting, named
from monitor.alerts.world import SLACK, Series, World
from monitor.checks import stale, well
from monitor.figures.declared import called
from monitor.models import Check, Rule


class How(Enum):
    """What a rule finds."""

    HOLDS = "holds"
    # Neither: a job that had failed is at work again.
    OPEN = "open"
    WELL = "well"
    PAUSED = "paused"


class Finding(NamedTuple):
    """What one rule finds about one cause."""

    rule: Rule
    cause: str
    title: str
    subject: Check | None
    how: How
    # Of that, and for how many seconds it really lasted.
    since: datetime
    lasted: float
    # Seen often enough: where a clock jumps, time alone proves nothing.
    seen: bool
    # What it was judged by: label, value, bound.
    numbers: list[list[str]]
    # It may have begun before: older values were not read.
    is_older: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether it has held for as long as the rule wants."""
        holds = self.how == How.HOLDS
        return holds and self.seen and self.lasted >= self.rule.for_seconds


def findings(rule: Rule, world: World) -> Iterator[Finding]:
    """What the rule finds about everything that it watches."""
    if rule.figure:
        for cause, series in world.figures[rule.figure].items():
            yield _of_figure(rule, cause, series, world)
        return
    find = _FIND[Rule.Condition(rule.condition)]
    for check in world.checks.values():
        if rule.slug in ("", check.slug) and rule.kind in ("", check.kind):
            yield find(rule, check, world)


_HOW = {
    Check.State.DOWN: How.HOLDS,
    Check.State.UP: How.WELL,
    Check.State.PAUSED: How.PAUSED,
}


def _down(rule: Rule, check: Check, world: World) -> Finding:
    lasted = world.lasted(check.since)
    # Often at work when it is looked at, a job would never have been up for long.
    since = well.read(check)
    found = world.found.get(check.slug, check.since)
    return Finding(
        rule,
        check.slug,
        f"{named(check)} is down",
        check,
        How.WELL if since else _HOW.get(Check.State(check.state), How.OPEN),
        check.since,
        world.lasted(since) if since else lasted,
        not rule.for_seconds or check.looked_at != found,
        [[f"{check.state} for", lasting(max(lasted, 0)), _wanted(rule)]],
    )


def _stale(rule: Rule, check: Check, world: World) -> Finding:
    read = check.looked_at or check.since
    since = read + stale.STALE
    how = How.HOLDS if stale.is_stale(check, world.at) else How.WELL
    most = stale.STALE.total_seconds() + rule.for_seconds
    age = lasting(max(world.lasted(read), 0))
    return Finding(
        rule,
        check.slug,
        f"{named(check)} has no fresh reading",
        check,
        How.PAUSED if check.state == Check.State.PAUSED else how,
        since,
        # Well again at the first reading: when it was stale before is not known.
        world.lasted(since) if how == How.HOLDS else float("inf"),
        True,  # noqa: FBT003  # nothing is there to be seen
        [["age of its last reading", age, f"at most {lasting(most)}"]],
    )


_Find = Callable[[Rule, Check, World], Finding]
_FIND: dict[str, _Find] = {Rule.Condition.DOWN: _down, Rule.Condition.STALE: _stale}
_BEYOND: dict[str, Callable[[Any, Any], Any]] = {
    Rule.Condition.ABOVE: operator.gt,
    Rule.Condition.BELOW: operator.lt,
}


def _of_figure(rule: Rule, cause: str, series: Series, world: World) -> Finding:
    compare = _BEYOND[Rule.Condition(rule.condition)]

    def is_beyond(value: float) -> bool:
        return bool(compare(value, rule.value))

    newest = series.points[0][1]
    holds = is_beyond(newest)
    run = takewhile(lambda point: is_beyond(point[1]) == holds, series.points)
    times = [at for at, _ in run]
    recent = world.at - timedelta(seconds=rule.for_seconds) - SLACK
    since = times[-1]
    lasted = world.lasted(since)
    bound = f"{rule.condition} {amount(rule.figure, rule.value)}"
    return Finding(
        rule,
        cause,
        f"{called(rule.figure).title}{labelled(series.labels)}: {bound}",
        None,
        How.HOLDS if holds else How.WELL,
        since,
        lasted,
        not rule.for_seconds or sum(at > recent for at in times) > 1,
        [
            ["newest value", amount(rule.figure, newest), bound],
            ["values in a row like it", str(len(times)), ""],
            ["for", lasting(max(lasted, 0)), _wanted(rule)],
        ],
        series.is_cut and len(times) == len(series.points),
    )


def _wanted(rule: Rule) -> str:
    return f"at least {lasting(rule.for_seconds)}" if rule.for_seconds else ""
