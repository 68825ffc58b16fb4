"""Put down what the audit sample says, for pages, triggers, alerts and machines."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from monitor.figures import samples
from pulsar_ml.evaluation.audit import Audited
from registry.models import Alias
from showroom.audits.figures import Figures, figures
from showroom.audits.names import AUDITED, REPORTED, SHORTFALL
from showroom.corrections.hits import hits


def measure(at: datetime | None = None) -> int:
    """Put down the figures of every version from which rows were drawn; how many."""
    at = at or now()
    found = figures(at=at)
    reported = _reported(found)
    champions = set(
        Alias.objects.filter(name="champion").values_list("version", flat=True)
    )
    with transaction.atomic():
        for one in found:
            version = one.version
            labels = {"model": version.model.name, "version": str(version.number)}
            samples.put("hit_rate.audited_n", one.n, at=at, **labels)
            samples.put("hit_rate.audited_drawn", one.n_drawn, at=at, **labels)
            if (rate := reported.get(version.pk)) is not None:
                samples.put(REPORTED, rate, at=at, **labels)
            if one.audited:
                _put(one.audited, at, labels)
            if one.audited and version.pk in champions:
                lacks = settings.PULSAR.audit.floor - one.audited.hit_rate.value
                samples.put(SHORTFALL, max(0.0, lacks), at=at, **labels)
    return len(found)


def _put(told: Audited, at: datetime, labels: dict[str, str]) -> None:
    """Each share, and its interval as a figure of two lines."""
    for name in AUDITED:
        if not (estimate := getattr(told, name)):
            continue
        samples.put(f"{name}.audited", estimate.value, at=at, **labels)
        for end in ("low", "high"):
            value = getattr(estimate, end)
            samples.put(f"{name}.interval", value, at=at, **labels, end=end)


def _reported(found: list[Figures]) -> dict[int, float]:
    """The share of what programs were told that nobody corrected, by version."""
    models = {one.version.model_id: one.version.model for one in found}
    told = (of for model in models.values() for of in hits(model))
    return {of.version.pk: 1 - of.n_errors / of.n for of in told if of.n}
