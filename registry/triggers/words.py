"""A trigger as a sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from monitor.clock.cron import words
from registry.models import Trigger
from registry.triggers.samples import STATES

Condition = Mapping[str, Any]


def sentence(trigger: Trigger) -> str:
    """When it fires."""
    return _SAYS[trigger.kind](trigger.condition)


def _labels(condition: Condition) -> str:
    if "number" in condition:
        n = condition["number"]
        return f"With {n:,} new label{'s' * (n != 1)}"
    return f"With new labels for {100 * condition['share']:g} % of the base dataset"


def _drift(condition: Condition) -> str:
    state, minutes = STATES[condition["bound"]], condition["minutes"]
    return f"With {state} for {minutes:g} min"


def _hit_rate(condition: Condition) -> str:
    bound, n = condition["bound"], condition["n"]
    return f"With a hit rate below {100 * bound:g} % of at least {n:,} audited"


_SAYS: dict[str, Callable[[Condition], str]] = {
    Trigger.Kind.BUTTON: lambda _: "When somebody presses the button",
    Trigger.Kind.SCHEDULE: lambda condition: words(condition["cron"]),
    Trigger.Kind.LABELS: _labels,
    Trigger.Kind.DATASET: lambda _: "With a dataset newer than the champion's",
    Trigger.Kind.DRIFT: _drift,
    Trigger.Kind.HIT_RATE: _hit_rate,
}
