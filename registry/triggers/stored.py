"""What a filled-in form of a trigger stores, and how that is shown again."""

from collections.abc import Mapping
from typing import Any

from registry.models import TrainingRun, Trigger

_RECALL = 0.92


def condition(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the chosen kind asks for."""
    found: dict[str, Any] = _CONDITIONS[given["kind"]](given)
    return found


def _labels(given: Mapping[str, Any]) -> dict[str, Any]:
    if given["of"] == "share":
        return {"share": round(given["percent"] / 100, 6)}
    return {"number": given["number"]}


_CONDITIONS: dict[str, Any] = {
    Trigger.Kind.BUTTON: lambda _: {},
    Trigger.Kind.SCHEDULE: lambda given: {"cron": given["cron"]},
    Trigger.Kind.LABELS: _labels,
    Trigger.Kind.DATASET: lambda _: {},
    Trigger.Kind.DRIFT: lambda given: {
        "bound": given["state"],
        "minutes": given["minutes"],
    },
    Trigger.Kind.HIT_RATE: lambda given: {
        "bound": round(given["below"] / 100, 6),
        "n": given["audited"],
    },
}


def training(given: Mapping[str, Any]) -> dict[str, Any]:
    """How it trains; empty: as the last training that succeeded."""
    if not given["algorithm"]:
        return {}
    return {
        "algorithm": given["algorithm"],
        "policy": given["split"] or TrainingRun.Policy.GROUPED,
        "recall": given["recall"] or _RECALL,
    }


def shown(trigger: Trigger) -> dict[str, Any]:
    """The fields of a form that would store the same."""
    plain = ("name", "model", "kind", "policy", "cool_down_hours", "daily_cap")
    names = (*plain, "revision")
    found: dict[str, Any] = {name: getattr(trigger, name) for name in names}
    told = trigger.condition
    if trigger.kind == Trigger.Kind.LABELS:
        is_share = "share" in told
        found["of"] = "share" if is_share else "number"
        found |= {"percent": f"{100 * told['share']:g}"} if is_share else told
    elif trigger.kind == Trigger.Kind.DRIFT:
        found |= {"state": told["bound"], "minutes": told["minutes"]}
    elif trigger.kind == Trigger.Kind.HIT_RATE:
        found |= {"below": f"{100 * told['bound']:g}", "audited": told["n"]}
    else:
        found |= told
    return found | _trained(trigger.training)


def _trained(training: Mapping[str, Any]) -> dict[str, Any]:
    """The policy of a training is its split; a trigger's is another thing."""
    names = {"algorithm": "algorithm", "split": "policy", "recall": "recall"}
    return {name: training[key] for name, key in names.items() if key in training}
