"""What waits to be judged, for machines."""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from monitor.metrics.ours import gauge
from showroom.models import Candidate, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric


def collect() -> "Iterator[Metric]":
    """How many rows of the shortlists nobody has judged yet."""
    listed = Candidate.objects.exclude(shortlisted="").filter(batch__deleted_at=None)
    said = Verdict.objects.current().filter(candidate=OuterRef("pk"))
    waiting = gauge("label_queue_size", "Shortlisted candidates that nobody has judged")
    waiting.add_metric([], listed.exclude(Exists(said)).count())
    yield waiting
