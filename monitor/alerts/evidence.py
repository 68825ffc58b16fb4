"""Why there is an alert: the rule in words, the numbers, the rows they come from."""

from typing import Any

from monitor.alerts.hold import Finding
from monitor.alerts.words import amount, condition
from monitor.alerts.world import World
from monitor.models import Flip

ROWS = 20


def evidence(finding: Finding, world: World) -> dict[str, Any]:
    """What "explain" shows, as it was when the rule had its say."""
    return {
        "rule": condition(finding.rule),
        "since": finding.since.isoformat(),
        "numbers": finding.numbers,
        "rows": _flips(finding) if finding.subject else _values(finding, world),
    }


def _flips(finding: Finding) -> list[list[str]]:
    flips = Flip.objects.filter(subject=finding.subject).order_by("-at", "-pk")
    rows = [[flip.at.isoformat(), flip.state, flip.summary] for flip in flips[:ROWS]]
    check = finding.subject
    if check and check.looked_at:
        rows.insert(0, [check.looked_at.isoformat(), check.state, check.summary])
    return rows


def _values(finding: Finding, world: World) -> list[list[str]]:
    figure = finding.rule.figure
    points = world.figures[figure][finding.cause].points[:ROWS]
    return [[at.isoformat(), amount(figure, value), ""] for at, value in points]
