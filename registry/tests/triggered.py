"""Triggers as rows, and what the tests of them share."""

from datetime import UTC, datetime
from typing import Any

from registry.models import Alias, Model, Retraining, Trigger, Version

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVER = datetime(2026, 1, 1, tzinfo=UTC)


def trigger_row(kind: str = "button", **values: Any) -> Trigger:
    """One that has not fired; only what came after the new year is a reason."""
    n = Trigger.objects.count() + 1
    wanted = {"name": f"Trigger {n}", "since": EVER, "condition": CONDITIONS[kind]}
    return Trigger.objects.create(kind=kind, **(wanted | values))


CONDITIONS: dict[str, dict[str, Any]] = {
    "button": {},
    "schedule": {"cron": "0 3 * * *"},
    "labels": {"number": 3},
    "dataset": {},
    "drift": {"bound": 2, "minutes": 60},
    "hit_rate": {"bound": 0.8, "n": 50},
}


def version_row(number: int = 1, alias: str = "", **values: Any) -> Version:
    """One without files."""
    model, _ = Model.objects.get_or_create(name="pulsar")
    wanted = {"sha256": f"{number:064}", "card": {"algorithm": "random_forest"}}
    version = Version.objects.create(model=model, number=number, **(wanted | values))
    if alias:
        Alias.objects.create(model=model, name=alias, version=version)
    return version


def told(trigger: Trigger) -> list[tuple[str, str, int]]:
    """What was decided, in order: outcome, reason, how often."""
    found = trigger.decisions.order_by("pk")
    return list(found.values_list("outcome", "reason", "n"))


def stages() -> list[tuple[str, str, bool | None]]:
    """How far the retrainings are."""
    found = Retraining.objects.order_by("pk")
    return list(found.values_list("stage", "reason", "open"))
