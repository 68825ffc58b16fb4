"""What the audit sample says of a version in use, beside what nobody has corrected."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import now

from monitor.models import Sample
from pulsar_ml.evaluation.audit import ENOUGH
from registry.models import Version
from registry.triggers.samples import HIT_RATE_N, OLD

_REPORTED = "hit_rate.reported"
_DRAWN = "hit_rate.audited_drawn"
_SHARES = {"Hit rate": "hit_rate", "Precision": "precision", "Recall": "recall"}


class Share(NamedTuple):
    """A figure with its 95 % interval."""

    label: str
    value: float
    low: float
    high: float


class Audit(NamedTuple):
    """What was put down at the last look."""

    at: datetime
    # Of so many rows that chance has picked so many are judged.
    n: int
    n_drawn: int
    shares: list[Share]
    # Why there are none.
    too_few: str
    # The share of what programs were told that nobody corrected.
    reported: float | None


def audit(version: Version, at: datetime | None = None) -> Audit | None:
    """The newest figures of a version; None where nothing of it was drawn lately."""
    at = at or now()
    there = Sample.objects.filter(at__gte=at - OLD, at__lte=at)
    # Which look of a version was the last is told by the figure that is always there.
    looks = there.filter(name=HIT_RATE_N).order_by("-at", "-pk")
    last = next((one for one in looks.iterator() if _is_of(version, one)), None)
    if last is None:
        return None
    told = {
        (one.name, one.labels.get("end", "")): one.value
        for one in there.filter(at=last.at)
        if _is_of(version, one)
    }
    shares = _shares(told)
    n = int(last.value)
    return Audit(
        at=last.at,
        n=n,
        n_drawn=int(told.get((_DRAWN, ""), n)),
        shares=shares,
        too_few="" if shares else _too_few(n),
        reported=told.get((_REPORTED, "")),
    )


def _is_of(version: Version, sample: Sample) -> bool:
    told = sample.labels
    return (told.get("model"), str(told.get("version"))) == (
        version.model.name,
        str(version.number),
    )


def _shares(told: Mapping[tuple[str, str], float]) -> list[Share]:
    found = []
    for label, name in _SHARES.items():
        ends = f"{name}.interval"
        keys = [(f"{name}.audited", ""), (ends, "low"), (ends, "high")]
        if told.keys() >= set(keys):
            found.append(Share(label, *(told[key] for key in keys)))
    return found


def _too_few(n: int) -> str:
    if n < ENOUGH:
        return (
            f"Too few of them are judged to say anything: at least {ENOUGH} are wanted."
        )
    return "Too few of some scores are judged to say anything."
