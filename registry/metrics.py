"""How much is scored, how fast, and by which version: for figures and for machines."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from monitor.figures import declare, samples
from monitor.metrics import tally
from monitor.metrics.declared import PREFIX
from monitor.metrics.exposition import counter, histogram
from monitor.metrics.ours import gauge
from monitor.models import Sample, Tally
from monitor.work import State
from registry import health
from registry.models import Alias, TrainingRun, Version

if TYPE_CHECKING:
    from prometheus_client import Metric

REQUESTS = "inference_requests"
ROWS = "inference_rows"
TOOK = "inference_duration_seconds"

_RATE = "inference.rate"
_PERCENTILES = {"inference.p50": 0.5, "inference.p95": 0.95, "inference.p99": 0.99}
# After a longer silence nobody knows when it was that the scores were computed.
_LONGEST = timedelta(minutes=10)


@contextmanager
def inference(version: Version, *, source: str, rows: int) -> Iterator[None]:
    """Count and time one request for scores: a single case, or a part of a batch."""
    begun = time.perf_counter()
    outcome = "error"
    try:
        yield
        outcome = "ok"
    finally:
        took = time.perf_counter() - begun
        known = {"model": version.model.name, "version": str(version.number)}
        tally.count(REQUESTS, 1, **known, alias=_alias(version), outcome=outcome)
        if outcome == "ok":
            tally.count(ROWS, rows, **known, source=source)
            tally.observe(TOOK, took, **known, source=source)


def declare_figures() -> None:
    """Name what `measure` and the champion's probe put down."""
    declare(_RATE, "Scores a minute", "per minute", 10)
    for place, (name, share) in enumerate(_PERCENTILES.items(), 11):
        words = f"So many per cent of all requests were answered sooner: {share:.0%}."
        title = f"Time to score, {share:.0%} within"
        declare(name, title, "seconds", place, words=words)
    declare(health.FIGURE, "Age of the champion", "seconds", 20, page="/registry/")


def measure(at: datetime) -> None:
    """Put down what was scored since the last tick, and how fast."""
    with transaction.atomic():
        last = Sample.objects.filter(name=_RATE, at__lte=at).order_by("at").last()
        rows = sum(n for _, n in _since_seen(ROWS))
        buckets = _buckets()
        elapsed = at - last.at if last else None
        if not elapsed or elapsed > _LONGEST:
            samples.put(_RATE, 0.0, at=at)
            return
        minutes = max(elapsed.total_seconds(), 1) / 60
        samples.put(_RATE, rows / minutes, at=at)
        for source, counts in buckets.items():
            for name, share in _PERCENTILES.items():
                samples.put(name, percentile(counts, share), at=at, source=source)


def percentile(counts: dict[float, float], share: float) -> float:
    """Under which value this share lies; within a bucket, as if evenly spread."""
    wanted = share * sum(counts.values())
    ends = [0.0, *tally.ENDS, float("inf")]
    for low, high in pairwise(ends):
        n = counts.get(high, 0)
        # What is beyond all ends is at least the last.
        if n and wanted <= n:
            return low if high == ends[-1] else low + (high - low) * wanted / n
        wanted -= n
    return tally.ENDS[-1]


def collect() -> "Iterator[Metric]":
    """What machines read."""
    from prometheus_client.core import InfoMetricFamily  # noqa: PLC0415  # slow

    version = ("model", "version")
    yield counter(REQUESTS, "Requests for scores", (*version, "alias", "outcome"))
    yield counter(ROWS, "Scored rows", (*version, "source"))
    yield histogram(TOOK, "Time to compute scores", (*version, "source"))
    info = InfoMetricFamily(
        f"{PREFIX}model",
        "Versions that have an alias",
        labels=("name", "version", "alias", "sha256"),
    )
    for alias in Alias.objects.select_related("model", "version").order_by("pk"):
        named = {"name": alias.model.name, "version": str(alias.version.number)}
        named |= {"alias": alias.name, "sha256": alias.version.sha256}
        info.add_metric(list(named.values()), {})
    yield info
    yield counter("training_runs", "Trainings that have ended", ("model", "state"))
    running = gauge("training_running", "Trainings at work")
    running.add_metric([], TrainingRun.objects.filter(state=State.RUNNING).count())
    yield running


def _alias(version: Version) -> str:
    """The first of its aliases; a champion is that above all."""
    names = sorted(alias.name for alias in version.aliases.all())
    return "champion" if "champion" in names else (names or [""])[0]


def _since_seen(name: str) -> list[tuple[dict[str, str], float]]:
    """What came to each line of a tally since the last tick."""
    grown = Tally.objects.filter(name=name, value__gt=F("seen"))
    found = []
    for line in grown:
        # Who measures at the same time takes none of it twice.
        mine = Tally.objects.filter(pk=line.pk, seen=line.seen)
        if mine.update(seen=line.value):
            found.append((json.loads(line.labels), line.value - line.seen))
    return found


def _buckets() -> dict[str, dict[float, float]]:
    """How many took how long, by who asked."""
    by_source: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for labels, n in _since_seen(f"{TOOK}_bucket"):
        by_source[labels["source"]][float(labels["le"])] += n
    return by_source
