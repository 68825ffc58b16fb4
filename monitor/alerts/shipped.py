"""The rules that come with the site; people may change them, or switch them off."""

from typing import Any

from monitor.models import Check, Rule, Severity

_CRITICAL = Severity.CRITICAL
_DOWN, _STALE = Rule.Condition.DOWN, Rule.Condition.STALE
_ABOVE, _BELOW = Rule.Condition.ABOVE, Rule.Condition.BELOW
MINUTE = 60
GIB = 1024**3


def _down(kind: Check.Kind, name: str, minutes: int, **values: Any) -> dict[str, Any]:
    return {**_one_down("", name, minutes, **values), "kind": kind}


def _one_down(slug: str, name: str, minutes: int, **values: Any) -> dict[str, Any]:
    patience = {"for_seconds": minutes * MINUTE}
    return {"name": name, "condition": _DOWN, "slug": slug, **patience, **values}


RULES: dict[str, dict[str, Any]] = {
    "host-down": _down(Check.Kind.HOST, "Host down", 2),
    "database-down": _down(Check.Kind.DATABASE, "Database down", 1, severity=_CRITICAL),
    "broker-down": _down(Check.Kind.BROKER, "Broker down", 2, severity=_CRITICAL),
    "workers-down": _down(Check.Kind.WORKERS, "Workers down", 2, severity=_CRITICAL),
    # It is down when its ping is two minutes old: that was patience enough.
    "clock-down": _one_down("clock", "Clock dead", 0, severity=_CRITICAL),
    # A part may meet a lock; one that fails again and again is not done at all.
    "tick-down": _one_down("tick", "Tick failing", 2, severity=_CRITICAL),
    "outbox-down": _down(Check.Kind.OUTBOX, "Event log behind", 5),
    "storage-down": _down(Check.Kind.STORAGE, "Storage down", 1, severity=_CRITICAL),
    "storage-low": {
        "name": "Storage nearly full",
        "condition": _BELOW,
        "figure": "storage.free",
        "value": 5 * GIB,
        "for_seconds": 10 * MINUTE,
    },
    # A share of all memory; short peaks are what memory is for.
    "memory-high": {
        "name": "Memory nearly full",
        "condition": _ABOVE,
        "figure": "machine.memory",
        "value": 0.95,
        "for_seconds": 10 * MINUTE,
    },
    "machine-down": _down(Check.Kind.MACHINE, "Machine in need", 5),
    # Where a process was killed, a worker may go on with its run within that time.
    "job-down": _down(Check.Kind.JOB, "Job down", 2),
    "job-too-frequent": {
        "name": "Job too frequent",
        "condition": _ABOVE,
        "figure": "job.too_frequent",
        "value": 0.5,
        "for_seconds": 10 * MINUTE,
    },
    "model-down": _down(Check.Kind.MODEL, "No champion answers", 2, severity=_CRITICAL),
    "stale": {"name": "No fresh reading", "condition": _STALE, "for_seconds": 600},
    "batch-rejects": {
        "name": "Many rejects in a batch",
        "condition": _ABOVE,
        "figure": "batch.reject_share",
        "value": 0.5,
    },
    # The floor itself stands in config.yaml; this says how far it is missed.
    "hit-rate-low": {
        "name": "Audited hit rate below its floor",
        "condition": _ABOVE,
        "figure": "hit_rate.shortfall",
        "value": 0.001,
    },
}


def sync() -> None:
    """Add those that are missing; what people changed stays as they want it."""
    for shipped, values in RULES.items():
        Rule.objects.get_or_create(shipped=shipped, defaults=values)
    # One that the site does not ship any more is like one that people made.
    Rule.objects.exclude(shipped=None).exclude(shipped__in=RULES).update(shipped=None)
