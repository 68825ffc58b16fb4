"""Everything that is known, in the words of Prometheus."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from monitor.metrics.declared import PREFIX, Collector, declared
from monitor.metrics.tally import ENDLESS, ENDS
from monitor.models import Tally

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

logger = logging.getLogger(__name__)


def exposition() -> bytes:
    """The page that Prometheus reads."""
    # Not at the top: every command would import it, the minute's tick too.
    from prometheus_client import generate_latest  # noqa: PLC0415

    return generate_latest(_All())


def content_type() -> str:
    """What kind of text that is."""
    from prometheus_client import CONTENT_TYPE_LATEST  # noqa: PLC0415  # slow

    return CONTENT_TYPE_LATEST


class _All:
    """Each collector, whatever becomes of the others."""

    def collect(self) -> "Iterable[Metric]":
        for collector in declared:
            yield from _collected(collector)


def _collected(collector: Collector) -> "list[Metric]":
    try:
        return list(collector())
    # The door of one app: Prometheus must still be told the numbers of the others.
    except Exception:
        logger.exception("%s cannot tell its numbers", collector.__module__)
        return []


def counter(name: str, words: str, labels: tuple[str, ...]) -> "CounterMetricFamily":
    """A number that only grows, as it was tallied over all processes."""
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415  # slow

    family = CounterMetricFamily(PREFIX + name, words, labels=labels)
    for own, value in _lines(name):
        family.add_metric([own.get(label, "") for label in labels], value)
    return family


def histogram(
    name: str, words: str, labels: tuple[str, ...]
) -> "HistogramMetricFamily":
    """How long something took, as it was observed over all processes."""
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415  # slow

    family = HistogramMetricFamily(PREFIX + name, words, labels=labels)
    sums = {_values(own, labels): value for own, value in _lines(f"{name}_sum")}
    buckets: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for own, value in _lines(f"{name}_bucket"):
        buckets[_values(own, labels)][own["le"]] = value
    for values, counts in sorted(buckets.items()):
        family.add_metric(
            values, list(_growing(counts)), sum_value=sums.get(values, 0.0)
        )
    return family


def _growing(counts: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Each bucket holds the smaller ones too."""
    total = 0.0
    for end in (*map(str, ENDS), ENDLESS):
        total += counts.get(end, 0)
        yield str(float(end)) if end != ENDLESS else end, total


def _lines(name: str) -> Iterator[tuple[dict[str, str], float]]:
    found = Tally.objects.filter(name=name).order_by("labels")
    for labels, value in found.values_list("labels", "value"):
        yield json.loads(labels), value


def _values(own: dict[str, str], labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(own.get(label, "") for label in labels)
