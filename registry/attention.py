"""What the first page tells of trainings: which is at work, which failed last."""

from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.work import State
from registry.models import TrainingRun

# More stand behind the link.
SHOWN = 5
# A training that failed before is known by then.
_FAILED = timedelta(days=3)


class Attention(NamedTuple):
    """Runs that are not at their end, and those that failed a short while ago."""

    open: list[TrainingRun]
    failed: list[TrainingRun]

    @property
    def is_needed(self) -> bool:
        return any(self)


def attention(at: datetime) -> Attention:
    """The latest few of each."""
    runs = TrainingRun.objects.select_related("dataset").order_by("-pk")
    lately = runs.filter(state=State.FAILED, finished_at__gte=at - _FAILED)
    return Attention(open=list(runs.under_way()[:SHOWN]), failed=list(lately[:SHOWN]))
