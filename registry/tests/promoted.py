"""Versions that can be promoted, and what the gate is to have said of them."""

from pathlib import Path
from typing import Any

from monitor.work import State
from registry.gate.ask import ask
from registry.models import Alias, Comparison, Version
from registry.ship import register_shipped
from registry.tests.evaluated import evaluated


def versions(folder: Path) -> tuple[Version, Version, Version]:
    """The champion, and two others that can answer."""
    shipped = register_shipped()
    (champion,) = [version for version in shipped if version.card["champion"]]
    (other,) = [version for version in shipped if version != champion]
    return champion, other, evaluated(folder)


def judged(
    version: Version,
    champion: Version,
    outcome: Comparison.Outcome = Comparison.Outcome.PASSED,
    **findings: Any,
) -> Comparison:
    """Asked for as always; the word of the gate is given."""
    comparison = ask(version, champion, at_once=False)
    comparison.state, comparison.outcome = State.SUCCESS, outcome
    comparison.findings = findings
    comparison.save()
    return comparison


def aliases() -> dict[str, Version]:
    """What each alias names."""
    return {alias.name: alias.version for alias in Alias.objects.all()}
