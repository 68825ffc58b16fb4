"""What the first page tells of dispatch: what is at work, fails or is paused."""

from typing import NamedTuple

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Concat

from dispatch.models import Run, Schedule
from monitor.models import Switch
from monitor.work import State

# More stand behind the link.
SHOWN = 5


class Attention(NamedTuple):
    """Runs that are not at their end, the last runs that failed, and pauses."""

    open: list[Run]
    failed: list[Run]
    paused: list[Schedule]

    @property
    def is_needed(self) -> bool:
        return any(self)


def attention() -> Attention:
    """The latest few of each; of removed schedules only what is still at work."""
    runs = Run.objects.select_related("schedule").order_by("-created_at", "-pk")
    return Attention(
        open=list(runs.under_way()[:SHOWN]),
        failed=_failed(),
        paused=_paused(),
    )


def _failed() -> list[Run]:
    """The run by which each schedule that fails was last known to fail."""
    failing = Schedule.objects.live().filter(failing=True)
    ended = Run.objects.filter(state=State.FAILED, schedule=OuterRef("pk"))
    last = ended.order_by("-created_at", "-pk").values("pk")[:1]
    found = failing.annotate(last=Subquery(last)).values_list("last", flat=True)
    runs = Run.objects.filter(pk__in=list(found[:SHOWN])).select_related("schedule")
    return list(runs.order_by("-created_at", "-pk"))


def _paused() -> list[Schedule]:
    """Those switched off last, with until when and why."""
    job = Concat(Value(Schedule.JOB), "slug", output_field=CharField())
    switches = Switch.objects.filter(job=OuterRef("as_job")).order_by("-at", "-pk")
    schedules = Schedule.objects.live().annotate(as_job=job)
    told = schedules.annotate(
        switch_on=Subquery(switches.values("on")[:1]),
        switch_until=Subquery(switches.values("until")[:1]),
        switch_reason=Subquery(switches.values("reason")[:1]),
    )
    return list(told.filter(switch_on=False)[:SHOWN])
