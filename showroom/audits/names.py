"""How the figures of the audit sample are called, and the newest for machines.

Apart from what makes them: every process knows their names, and few need numpy.
"""

from typing import TYPE_CHECKING

from django.utils.timezone import now

from monitor.figures import declare
from monitor.figures.declared import SINGLE
from monitor.metrics.ours import gauge
from monitor.models import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

# Each has a figure of its name and "audited", and one of its name and "interval".
AUDITED = {
    "hit_rate": ("Hit rate", "Of the rows of a version: where it was right"),
    "precision": ("Precision", "Of the rows that are called pulsars: those that are"),
    "recall": ("Recall", "Of the pulsars: those that are called so"),
}
REPORTED = "hit_rate.reported"
SHORTFALL = "hit_rate.shortfall"
_KINDS = {"hit_rate.audited": "audited", REPORTED: "reported"}
_PAGE = "/showroom/vet/?order=audit"


def declare_figures() -> None:
    """Say how they are shown."""
    _declare(22, REPORTED, "Hit rate, reported", "What nobody corrected. It flatters.")
    for place, (name, (title, words)) in enumerate(AUDITED.items()):
        by = f"{words}, by the audit sample."
        _declare(23 + 2 * place, f"{name}.audited", f"{title}, audited", by)
        ends = f"Between these it is, with a probability of 95 %. {by}"
        title = f"{title}, audited: from and to"
        _declare(24 + 2 * place, f"{name}.interval", title, ends)
    title = "How far the audited hit rate is below its floor"
    words = "Of the champion; the floor is audit.floor in config.yaml."
    _declare(29, SHORTFALL, title, words)
    declare("hit_rate.audited_n", "Audited rows", "rows", 30, page=_PAGE)
    declare("hit_rate.audited_drawn", "Rows drawn to audit", "rows", 31, page=_PAGE)


def _declare(place: int, name: str, title: str, words: str) -> None:
    declare(name, title, "share", place, words=words, page=_PAGE)


def collect() -> "Iterator[Metric]":
    """The newest hit rates, audited and reported, for machines."""
    family = gauge(
        "hit_rate_ratio",
        "Share of rows that a version was right about",
        ("kind", "model", "version"),
    )
    at = now()
    newest: dict[tuple[str, str, str], float] = {}
    rows = Sample.objects.filter(name__in=_KINDS, at__gte=at - SINGLE, at__lte=at)
    for name, value, labels in rows.order_by("at", "pk").values_list(
        "name", "value", "labels"
    ):
        newest[_KINDS[name], labels.get("model", ""), labels.get("version", "")] = value
    for key, value in sorted(newest.items()):
        family.add_metric(list(key), value)
    yield family
