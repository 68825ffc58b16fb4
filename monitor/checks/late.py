"""What is late of a job, and until when that is waited for."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.checks.awaited import awaited
from monitor.checks.record import Record
from monitor.clock.step import Stretch, Unrest

# What starts in this very moment has not yet said so.
BEGINS = timedelta(seconds=30)


class Late(NamedTuple):
    """The moments that nobody served, the oldest first."""

    moments: list[datetime]
    start_by: datetime
    # The gap of the clock that it fell into.
    silence: Stretch | None

    @property
    def first(self) -> datetime:
        return self.moments[0]


def late(of: Record, unrest: Unrest, at: datetime, zone: ZoneInfo) -> Late | None:
    """What should have been started by now, and was not."""
    since, skipped = served_until(of, at), of.skipped
    since = max(since, unrest.anew(at) or since)
    moments = awaited(of.cron, since, at, zone, skipped=skipped, unrest=unrest)
    if not moments or at - moments[0] <= BEGINS:
        return None
    patience = timedelta(seconds=of.job.start_within)
    gap = unrest.silence(moments[0], moments[0] + patience)
    # A clock that comes back makes good what it has missed.
    begin = max(moments[0], gap.end) if gap else moments[0]
    return Late(moments, begin + patience, gap)


def served_until(of: Record, at: datetime) -> datetime:
    """Up to when nothing is missing; while a job is at work it is not started anew."""
    if of.at_work:
        return at
    seen = [start for start in (of.last, of.result) if start]
    # What ends later than now has ended before the clock was put back.
    ends = [one.ended_at for one in seen if one.ended_at and one.ended_at <= at]
    return max([of.since, *(one.at for one in seen), *ends])
