"""Would a rule hold now, and by which numbers? Nothing is written."""

from datetime import datetime
from typing import NamedTuple

from monitor.alerts.hold import Finding, How, findings
from monitor.alerts.world import world
from monitor.models import Rule

SHOWN = 50


class Rehearsal(NamedTuple):
    """What the rule finds now: what is worst first, and how many are left out."""

    found: list[Finding]
    n_all: int
    n_alerts: int
    n_holding: int

    @property
    def n_more(self) -> int:
        return self.n_all - len(self.found)


def rehearse(rule: Rule, at: datetime) -> Rehearsal:
    """Hold a rule, saved or not, against all that it watches."""
    found = sorted(findings(rule, world([rule], at)), key=_worst_first)
    return Rehearsal(
        found[:SHOWN],
        len(found),
        sum(one.is_enough for one in found),
        sum(one.how == How.HOLDS for one in found),
    )


def _worst_first(one: Finding) -> tuple[bool, bool, str]:
    return not one.is_enough, one.how != How.HOLDS, one.cause
