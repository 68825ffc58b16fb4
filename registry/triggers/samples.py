"""What the monitor's figures say of a model: has it drifted, does it still hit."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from monitor.figures.declared import SINGLE
from monitor.figures.samples import key
from monitor.models import Sample
from registry.models import Alias, Trigger
from registry.triggers.look import Look, fires, told, waits

DRIFT = "drift.state"
# What its values say.
STATES = {1: "possible drift", 2: "drift"}
HIT_RATE = "hit_rate.audited"
# Of how many the hit rate is, put down with it.
HIT_RATE_N = "hit_rate.audited_n"
# Nobody has looked for so long: such a figure says nothing of now.
OLD = SINGLE


def drifted(trigger: Trigger, at: datetime) -> Look:
    """It has been at this state or above for so long, without a break."""
    bound, minutes = trigger.condition["bound"], trigger.condition["minutes"]
    runs = [
        list(takewhile(lambda sample: sample.value >= bound, series))
        for series in _series(trigger, DRIFT, at).values()
    ]
    begun = [run[-1].at for run in runs if run]
    if not begun:
        return waits(f"No {STATES[bound]} is reported{_none(trigger, DRIFT, at)}.")
    since = min(begun)
    figures: dict[str, Any] = {"since": since.isoformat(), "minutes": minutes}
    said = f"{STATES[bound].capitalize()} since {told(since)}"
    if at - since < timedelta(minutes=minutes):
        return waits(f"{said}, wanted for {minutes} min.", **figures)
    return fires(f"{said}, for {minutes} min or longer.", **figures)


def missed(trigger: Trigger, at: datetime) -> Look:
    """The audited hit rate is too low, of candidates enough."""
    bound, n = trigger.condition["bound"], trigger.condition["n"]
    counts = _series(trigger, HIT_RATE_N, at)
    found = [
        (series[0].value, int(counts[labels][0].value) if labels in counts else 0)
        for labels, series in _series(trigger, HIT_RATE, at).items()
    ]
    if not found:
        return waits(f"No hit rate is reported{_none(trigger, HIT_RATE, at)}.")
    rate, of = min(found, key=lambda one: (one[1] < n, one[0]))
    said, wanted = f"The hit rate is {rate:.1%} of {of:,} audited", f"{bound:.1%}"
    if of < n:
        return waits(f"{said}; at least {n:,} are wanted.", rate=rate, of=of)
    if rate >= bound:
        return waits(f"{said}, not below {wanted}.", rate=rate, of=of)
    return fires(f"{said}, below {wanted}.", rate=rate, of=of)


def _none(trigger: Trigger, name: str, at: datetime) -> str:
    """Where nobody has measured at all, that is told."""
    there = bool(_series(trigger, name, at))
    return "" if there else f": nothing is measured as {name}"


def _series(trigger: Trigger, name: str, at: datetime) -> dict[str, list[Sample]]:
    """By labels, each from the newest back; those of its model's champion alone."""
    since = max(trigger.since, at - OLD)
    found = Sample.objects.filter(name=name, at__gte=since, at__lte=at)
    series: dict[str, list[Sample]] = defaultdict(list)
    for sample in _about(trigger.model, found.order_by("-at", "-pk").iterator()):
        series[key(sample.labels)].append(sample)
    return series


def _about(model: str, samples: Iterator[Sample]) -> Iterator[Sample]:
    alias = Alias.objects.filter(model__name=model, name="champion")
    champion = str(alias.values_list("version__number", flat=True).first())
    for sample in samples:
        told = sample.labels
        if told.get("model", model) != model:
            continue
        if str(told.get("version", champion)) == champion:
            yield sample
