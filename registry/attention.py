"""What the first page tells of trainings, and of those that triggers have started."""

from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.work import State
from registry.models import Retraining, TrainingRun

# More stand behind the link.
SHOWN = 5
# A training that failed before is known by then.
_FAILED = timedelta(days=3)
# So is a challenger that nobody has done anything about.
_TOLD = timedelta(days=7)
_ENDS = (
    Retraining.Stage.OFFERED,
    Retraining.Stage.REFUSED,
    Retraining.Stage.FAILED,
)


class Attention(NamedTuple):
    """Runs that are not at their end, and those that failed a short while ago."""

    open: list[TrainingRun]
    failed: list[TrainingRun]
    # Challengers that wait for an admin; and how others have ended.
    waiting: list[Retraining]
    ended: list[Retraining]

    @property
    def is_needed(self) -> bool:
        return any(self)


def attention(at: datetime) -> Attention:
    """The latest few of each."""
    runs = TrainingRun.objects.select_related("dataset").order_by("-pk")
    lately = runs.filter(state=State.FAILED, finished_at__gte=at - _FAILED)
    started = Retraining.objects.select_related("trigger", "version__model")
    started = started.order_by("-pk")
    waiting = started.filter(stage=Retraining.Stage.WAITING)
    ended = started.filter(stage__in=_ENDS, ended_at__gte=at - _TOLD)
    # The challenger has gone to production since, or another has come.
    current = ended.exclude(
        stage=Retraining.Stage.OFFERED, version__aliases__name="champion"
    )
    return Attention(
        open=list(runs.under_way()[:SHOWN]),
        failed=list(lately[:SHOWN]),
        waiting=list(waiting[:SHOWN]),
        ended=list(current[:SHOWN]),
    )
