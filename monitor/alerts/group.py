"""What explains what: a host that is down its database, and that the outbox."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.alerts.hold import Finding, How
from monitor.models import Alert, Check, Rule

# A cause may be seen so much later than what it brought about.
LATER = timedelta(minutes=5)
_CLOCK = "clock"


class Groups:
    """Which troubles explain which, as everything is now."""

    def __init__(
        self, checks: Mapping[str, Check], found: Mapping[str, Sequence[Finding]]
    ) -> None:
        self.checks = checks
        self.since = {
            cause: min(held)
            for cause, all_of_it in found.items()
            if (held := [one.since for one in all_of_it if one.how == How.HOLDS])
        }
        # Without a clock nothing is read: that is no trouble of each thing's own.
        self.stale = {
            cause
            for cause, all_of_it in found.items()
            if {one.rule.condition for one in all_of_it if one.how == How.HOLDS}
            == {Rule.Condition.STALE}
        }

    def explanations(self, cause: str) -> Iterator[str]:
        """The troubles on which this one depends, the nearest first."""
        for other in self._reach(cause):
            # In a circle the first one is the cause of the others.
            if cause in self._reach(other) and self._rank(cause) < self._rank(other):
                continue
            yield other

    def _rank(self, cause: str) -> tuple[datetime, str]:
        return self.since[cause], cause

    def _reach(self, cause: str) -> list[str]:
        """All troubles below, each once; what is well in between explains nothing."""
        ahead, seen, found = [cause], {cause}, []
        for here in ahead:
            for other in self._depends(here):
                if other in seen or other not in self.checks:
                    continue
                seen.add(other)
                if other in self.since:
                    found.append(other)
                elif self.checks[other].state == Check.State.UP:
                    continue
                ahead.append(other)
        return found

    def _depends(self, cause: str) -> list[str]:
        check = self.checks.get(cause)
        depends = list(check.depends) if check else []
        return [*depends, _CLOCK] if cause in self.stale else depends


class Explained(NamedTuple):
    """By which live alert, if it has one yet."""

    alert: Alert | None


def explained(
    alert: Alert, groups: Groups, live: Mapping[str, Alert], pending: set[str]
) -> Explained | None:
    """What explains an alert now; None if it stands for itself."""
    if alert.cause not in groups.since:
        return None
    for cause in groups.explanations(alert.cause):
        root = live.get(cause)
        if root is None:
            if cause in pending:
                return Explained(None)
            continue
        # Somebody was told of it: only what began with it can be its cause.
        if alert.told_at is None or root.begun_at <= alert.begun_at + LATER:
            return Explained(root)
    return None
