"""Which time a night report is about: a day and a night, as long as the clock's."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from monitor.clock.cron import clock_zone, occurrences

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# No site was there before, and at its ends a calendar leads out of itself.
FIRST = date(2000, 1, 1)


class NoSuchNight(Exception):
    """The message says why there is none of this date."""


class Night(NamedTuple):
    """A period: since <= moment < until."""

    since: datetime
    until: datetime
    # The day on which it ended; none of the last 24 hours.
    day: date | None = None
    # It goes on, and so far there is this much of it.
    is_over: bool = True


def cron() -> str:
    """When a night ends and its report is sent, as the line of a crontab."""
    hour, minute = settings.PULSAR.monitor.report_at.split(":")
    return f"{int(minute)} {int(hour)} * * *"


def lately(at: datetime) -> Night:
    """The last 24 hours."""
    return Night(at - DAY, at)


def last(at: datetime) -> Night:
    """The night that ended last."""
    zone = clock_zone()
    *_, until = _ends(at.astimezone(zone).date() - 2 * DAY, at, zone)
    return ended_on(until.astimezone(zone).date(), at)


def ended_on(day: date, at: datetime) -> Night:
    """The night that ended on this day, or does: from one report to the next."""
    if day < FIRST:
        raise NoSuchNight("There was no site before the year 2000.")
    if day > at.date() + 2 * DAY:
        raise NoSuchNight("This night has not begun.")
    zone = clock_zone()
    midnight = _midnight(day + DAY, zone)
    since, until = list(_ends(day - 3 * DAY, midnight - SECOND, zone))[-2:]
    if until.astimezone(zone).date() != day:
        raise NoSuchNight("The calendar of the site's clock leaves this day out.")
    if since >= at:
        raise NoSuchNight("This night has not begun.")
    return Night(since, min(until, at), day, is_over=until <= at)


def is_known(day: date, at: datetime) -> bool:
    """Whether there is a night that ended on this day, or does."""
    try:
        ended_on(day, at)
    except NoSuchNight:
        return False
    return True


def _ends(day: date, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The ends of nights from a day on, which are when cron starts the report."""
    # Of a time of day that a change of clocks leaves out or repeats, too.
    return iter(occurrences(cron(), _midnight(day, zone) - SECOND, until, zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
