"""What a clock on the wall shows, and when Debian's cron starts a line by it.

cronsim says which minutes match, of a clock that is never changed; the nights on which
clocks are changed are followed here, as cron.c does (docs/clock.md).
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from monitor.clock.fields import is_wild

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
# As Debian's cron has it: a shift or a step up to this long is made good, a longer
# one is a correction of the clock.
LONGEST_GAP = timedelta(hours=3)
# Of a clock that is never changed.
LONGEST_STRETCH = timedelta(days=90)


class Start(NamedTuple):
    """A moment at which cron starts a line, and the time of day it was meant for."""

    at: datetime
    meant: datetime
    left_out: bool = False


def occurrences(
    cron: str, since: datetime, until: datetime, zone: ZoneInfo
) -> Iterator[datetime]:
    """The moments in UTC at which Debian's cron would start it: since < at <= until."""
    for start in starts(cron, since, until, zone):
        if not start.left_out:
            yield start.at


class _Stretch(NamedTuple):
    """A time between two changes of the zone's clocks."""

    begin: datetime
    end: datetime
    offset: timedelta

    def wall(self, at: datetime) -> datetime:
        """What clocks on the wall show at this moment."""
        return (at + self.offset).replace(tzinfo=None)

    def utc(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=UTC) - self.offset


def starts(
    cron: str, since: datetime, until: datetime, zone: ZoneInfo
) -> Iterator[Start]:
    """Every start after since, in order, each moment once."""
    since = since.astimezone(UTC)
    last = since
    reached: datetime | None = None
    # What the wall has shown before decides in the hour that comes twice.
    for stretch in _stretches(since - LONGEST_GAP - MINUTE, until + MINUTE, zone):
        for start in _of(cron, stretch, reached, since):
            if start.left_out:
                yield start
            elif last < start.at <= until:
                yield start
                last = start.at
        end = stretch.wall(stretch.end)
        followed = reached and abs(reached - stretch.wall(stretch.begin)) <= LONGEST_GAP
        reached = max(reached, end) if reached and followed else end


def _of(
    cron: str, stretch: _Stretch, reached: datetime | None, since: datetime
) -> Iterator[Start]:
    """The starts of one stretch, at whose begin the wall had reached some time."""
    begin, end = stretch.wall(stretch.begin), stretch.wall(stretch.end)
    if stretch.begin <= since:
        first = max(begin, stretch.wall(since).replace(second=0, microsecond=0))
        first = max(first, reached) if reached and not is_wild(cron) else first
    elif reached is None or abs(begin - reached) > LONGEST_GAP:
        first = begin
    elif is_wild(cron):
        first = begin
        for meant in takewhile(lambda wall: wall < begin, matches(cron, reached)):
            yield Start(stretch.begin, meant, left_out=True)
    else:
        first = reached
    for meant in takewhile(lambda wall: wall < end, matches(cron, first)):
        yield Start(max(stretch.begin, stretch.utc(meant)), meant)


def _stretches(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[_Stretch]:
    begin = at = since.astimezone(UTC).replace(second=0, microsecond=0)
    offset = _offset(at, zone)
    while at < until:
        next_day = min(at + DAY, until)
        if _offset(next_day, zone) != offset:
            change = _change(at, next_day, zone)
            yield _Stretch(begin, change, offset)
            begin, offset = change, _offset(change, zone)
        elif next_day - begin >= LONGEST_STRETCH:
            # Who wants the next start need not look through all years to come.
            yield _Stretch(begin, next_day, offset)
            begin = next_day
        at = next_day
    yield _Stretch(begin, until, offset)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first minute whose distance to UTC is no longer that of the minute before."""
    old = _offset(before, zone)
    minutes = range(1, int((after - before) / MINUTE) + 1)
    return before + MINUTE * (
        1
        + bisect_left(
            minutes, x=True, key=lambda n: _offset(before + n * MINUTE, zone) != old
        )
    )


def matches(cron: str, first: datetime) -> Iterator[datetime]:
    """The matching minutes on a wall whose clock never changes, from the first on."""
    try:
        yield from CronSim(cron, first - SECOND)
    except CronSimError:
        pass  # a date that never comes, such as 31 February
