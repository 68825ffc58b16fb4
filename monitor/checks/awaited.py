"""The moments of a job: those nobody served yet, the next one, the last ones."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from monitor.clock.cron import occurrences
from monitor.clock.step import Unrest

# More are counted as so many.
MOST = 100
# Looked for first in little time, then in more: a moment may be years off.
_SPANS = (1, 40, 400, 366 * 45)
_BACK = (timedelta(minutes=30), *(timedelta(days=days) for days in (1, 12, 90)))


def awaited(
    cron: str,
    since: datetime,
    at: datetime,
    zone: ZoneInfo,
    *,
    skipped: Collection[datetime],
    unrest: Unrest,
) -> list[datetime]:
    """The moments after a time up to now at which it should have been started."""
    if since >= at:
        return []  # its clock was put back
    due = (
        moment
        for moment in occurrences(cron, since, at, zone)
        if moment not in skipped and not unrest.passed_over(cron, moment)
    )
    return list(islice(due, MOST))


def following(cron: str, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment."""
    since = at
    for days in _SPANS:
        until = at + timedelta(days=days)
        found = next(occurrences(cron, since, until, zone), None)
        if found:
            return found.astimezone(UTC)
        since = until
    return None


def last(
    cron: str, n: int, since: datetime, at: datetime, zone: ZoneInfo
) -> list[datetime]:
    """The last n moments after a time; looked for backwards, in growing steps."""
    found: list[datetime] = []
    for back in _BACK:
        begin = max(since, at - back)
        found = list(occurrences(cron, begin, at, zone)) if begin < at else []
        if len(found) >= n or begin == since:
            break
    return found[-n:]
