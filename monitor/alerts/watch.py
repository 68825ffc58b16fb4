"""One pass of all rules over all that is looked at: open, raise, group, tell, close."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max
from django.utils import timezone

from monitor.alerts import change
from monitor.alerts.group import LATER, Groups, explained
from monitor.alerts.hold import Finding, How, findings
from monitor.alerts.over import over
from monitor.alerts.world import World, world
from monitor.leases import hold
from monitor.models import Alert, Rule

logger = logging.getLogger(__name__)

LEASE_SECONDS = 55


class Found(NamedTuple):
    """What all rules find, by cause, and which of them could not be held."""

    by_cause: Mapping[str, Sequence[Finding]]
    # By number; what a failing one opened stays as it is.
    failed: set[int]
    on: set[int]

    def held(self, cause: str) -> list[Finding]:
        """What has held for long enough."""
        return [one for one in self.by_cause.get(cause, ()) if one.is_enough]


def watch(at: datetime | None = None) -> None:
    """Do so at this time, unless another process is at it."""
    with hold("alerts", LEASE_SECONDS) as held:
        if held:
            _pass(at or timezone.now())


def _pass(at: datetime) -> None:
    rules = list(Rule.objects.filter(on=True).order_by("pk"))
    now = world(rules, at)
    found = find(rules, now)
    for alert in _live().values():
        _go_on(alert, found, now)
    _open(found, now)
    _group_and_tell(found, now)


def find(rules: Sequence[Rule], now: World) -> Found:
    """What the rules find; one that cannot be held does not stop the others."""
    by_cause: dict[str, list[Finding]] = defaultdict(list)
    failed: set[int] = set()
    for rule in rules:
        try:
            for one in list(findings(rule, now)):
                by_cause[one.cause].append(one)
        # The door of one rule: people make them, and others must still be told.
        except Exception:
            logger.exception("The rule %s (%s) cannot be held", rule.pk, rule)
            failed.add(rule.pk)
    return Found(by_cause, failed, {rule.pk for rule in rules})


def _go_on(alert: Alert, found: Found, now: World) -> None:
    """Close it, or let graver rules have their say."""
    if found.failed & {int(pk) for pk in alert.evidence.get("rules", ())}:
        return
    if end := over(alert, found.by_cause.get(alert.cause, ()), found.on, now):
        change.end(alert, now.at, end.words, recovered=end.is_recovery)
    else:
        change.raise_it(alert, found.held(alert.cause), now)


def _open(found: Found, now: World) -> None:
    live = set(_live())
    fresh = [cause for cause in found.by_cause if cause not in live]
    held = {cause: held for cause in fresh if (held := found.held(cause))}
    last = _last(list(held))
    for cause, ones in held.items():
        before = last.get(cause)
        # What a person has closed is an alert again when it breaks anew.
        news = [one for one in ones if not _is_closed_by_hand(before, one)]
        if news:
            change.open_one(news, before, now)


def _is_closed_by_hand(before: Alert | None, one: Finding) -> bool:
    if before is None or not before.closed_by or before.closed_at is None:
        return False
    return one.is_older or one.since <= before.closed_at


def _last(causes: list[str]) -> dict[str, Alert]:
    """The last alert of each cause."""
    mine = Alert.objects.filter(cause__in=causes, live=None)
    newest = mine.values("cause").annotate(newest=Max("pk")).values("newest")
    return {alert.cause: alert for alert in Alert.objects.filter(pk__in=newest)}


def _group_and_tell(found: Found, now: World) -> None:
    """Say of each what explains it; what stands for itself is told."""
    live = _live()
    groups = Groups(now.checks, found.by_cause)
    pending = {cause for cause in groups.since if _comes_soon(found.by_cause[cause])}
    for alert in live.values():
        # What is mending, or of a rule that failed, stays as it is.
        if alert.cause not in groups.since:
            continue
        by = explained(alert, groups, live, pending - set(live))
        if by and by.alert:
            change.group(alert, by.alert)
        elif by is None and not _hangs(alert, live):
            _stand_alone(alert, found.held(alert.cause), now)


def _comes_soon(found: Sequence[Finding]) -> bool:
    """Whether an alert of it is to be awaited, as it might explain others."""
    holding = [one for one in found if one.how == How.HOLDS]
    return not any(one.is_enough for one in holding) and any(
        one.rule.for_seconds - one.lasted <= LATER.total_seconds() for one in holding
    )


def _hangs(alert: Alert, live: Mapping[str, Alert]) -> bool:
    """Whether what explained it is not over, and is not explained by it since."""
    if alert.because is None:
        return False
    root = live.get(alert.because.cause)
    return root == alert.because and root is not None and root.because_id != alert.pk


def _stand_alone(alert: Alert, held: Sequence[Finding], now: World) -> None:
    """Tell what nothing explains; after its root has ended it is given its time."""
    root = alert.because
    if root and root.closed_at:
        patience = min((one.rule.for_seconds for one in held), default=0)
        if now.lasted(root.closed_at) < patience:
            return
    change.group(alert, None)
    if held and alert.told_at is None:
        change.tell_it(alert, held, now.at)


def _live() -> dict[str, Alert]:
    rows = Alert.objects.filter(live=True).select_related("because")
    return {alert.cause: alert for alert in rows.order_by("pk")}
