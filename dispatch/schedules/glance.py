"""What a list of schedules says of each: its switch, its next slot, its last run."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max

from dispatch.models import Run, Schedule
from dispatch.schedules.tell import problems
from monitor.clock.cron import Occurrence, clock_zone, upcoming, words
from monitor.crontab.lines import Found
from monitor.models import Skip
from monitor.work import State


class Glance(NamedTuple):
    """One schedule of the list."""

    schedule: Schedule
    words: str
    next: Occurrence | None
    # How long until then, and whether somebody wants it left out.
    wait: timedelta | None
    is_skipped: bool
    found: Found | None
    last: Run | None
    # What a run would stop at now; nothing is read for it.
    problems: list[str]

    @property
    def is_on(self) -> bool:
        return self.found is not None and self.found.state in ("on", "edited")


def glances(
    schedules: Iterable[Schedule], found: Mapping[str, Found], at: datetime
) -> list[Glance]:
    """All of them, in their order."""
    last = _last_runs()
    skips = set(Skip.objects.filter(slot__gt=at).values_list("job", "slot"))
    seen = []
    for schedule in schedules:
        coming = following(schedule, at)
        seen.append(
            Glance(
                schedule,
                words(schedule.cron),
                coming,
                coming and coming.at - at,
                coming is not None and (schedule.job, coming.at) in skips,
                found.get(schedule.job),
                last.get(schedule.pk),
                problems(schedule),
            )
        )
    return seen


def following(schedule: Schedule, at: datetime) -> Occurrence | None:
    """Its next slot."""
    coming = upcoming(schedule.cron, at, clock_zone(), 1)
    return next((slot for slot in coming if slot.mark != "skipped"), None)


def _last_runs() -> dict[int, Run]:
    """Of each schedule the last run that was let in."""
    of_all = Run.objects.exclude(state=State.SKIPPED).order_by().values("schedule")
    newest = of_all.annotate(newest=Max("pk")).values("newest")
    return {run.schedule_id: run for run in Run.objects.filter(pk__in=newest)}
