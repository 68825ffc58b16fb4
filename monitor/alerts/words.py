"""How a rule reads: its sentence on pages, in messages and in evidence."""

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.figures.declared import called
from monitor.figures.units import in_words
from monitor.models import Check, Rule

EACH = {
    Check.Kind.HOST: "a host",
    Check.Kind.DATABASE: "a database",
    Check.Kind.BROKER: "the broker",
    Check.Kind.WORKERS: "the workers",
    Check.Kind.CLOCK: "the clock or its tick",
    Check.Kind.OUTBOX: "the outbox",
    Check.Kind.STORAGE: "the storage",
    Check.Kind.MACHINE: "the machine",
    Check.Kind.MODEL: "the champion",
    Check.Kind.JOB: "a job",
}

_OF: dict[str, str] = {Check.Kind.HOST: "Host", Check.Kind.JOB: "Job"}


def lasting(seconds: float) -> str:
    """A length of time, without what is nought: 2 min, 1 h 30 min."""
    left, parts = round(seconds), []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def amount(figure: str, value: float | None) -> str:
    """A value of this figure, with its unit."""
    return "nothing" if value is None else in_words(value, called(figure).unit)


def watched(rule: Rule) -> str:
    """What the rule looks at."""
    if rule.figure:
        return f"the figure “{called(rule.figure).title}”"
    if rule.slug:
        return rule.slug
    return EACH[Check.Kind(rule.kind)] if rule.kind else "anything that is looked at"


def condition(rule: Rule) -> str:
    """When it holds: a host is down for 2 min."""
    bound = f" {amount(rule.figure, rule.value)}" if rule.figure else ""
    lasts = f" for {lasting(rule.for_seconds)}" if rule.for_seconds else ""
    return f"{watched(rule)} {Rule.Condition(rule.condition).label}{bound}{lasts}"


def sentence(rule: Rule, channels: Iterable[str]) -> str:
    """All that the rule says."""
    named = ", ".join(channels)
    whom = "every channel" if rule.tells_all else named or "nobody"
    opened = "critical alert" if rule.severity == "critical" else "warning"
    return f"When {condition(rule)}, open a {opened} and tell {whom}."


def named(check: Check) -> str:
    """The thing itself, where its name alone may be anything's."""
    return f"{_OF[check.kind]} {check.name}" if check.kind in _OF else check.name


def labelled(labels: Mapping[str, Any]) -> str:
    """Of which of several: (job prune)."""
    said = ", ".join(f"{name} {labels[name]}" for name in sorted(labels))
    return f" ({said})" if said else ""
