"""When a schedule as it is filled in would run, and how long it would wait to retry."""

from datetime import datetime, timedelta
from typing import NamedTuple

from dispatch.models import Schedule
from dispatch.schedules.forms import ScheduleForm
from monitor.clock.cron import BadCron, Occurrence, check, clock_zone, upcoming, words


class Preview(NamedTuple):
    """Words and next slots, or what is wrong with the times; and the waits."""

    words: str = ""
    slots: tuple[Occurrence, ...] = ()
    problem: str = ""
    waits: tuple[timedelta, ...] = ()


def preview(form: ScheduleForm, at: datetime) -> Preview:
    """What follows from the form as it stands, complete or not."""
    waits = _waits(form["retries"].value(), form["retry_seconds"].value())
    try:
        cron = check(str(form["cron"].value() or ""))
    except BadCron as error:
        return Preview(problem=str(error), waits=waits)
    slots = tuple(upcoming(cron, at, clock_zone()))
    return Preview(words(cron), slots, waits=waits)


def _waits(retries: object, first: object) -> tuple[timedelta, ...]:
    try:
        plan = Schedule(retry_seconds=int(str(first)))
        return tuple(plan.retry_after(n) for n in range(min(20, int(str(retries)))))
    except ValueError:
        return ()
