"""The door to all that concerns cron lines: are they right, what do they say, when."""

from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from monitor.clock.due import zone
from monitor.clock.fields import BadCron, check, is_wild
from monitor.clock.wall import DAY, Start, matches, occurrences, starts
from monitor.clock.words import words

__all__ = [
    "BadCron",
    "Occurrence",
    "check",
    "clock_zone",
    "occurrences",
    "upcoming",
    "words",
]

FAR = timedelta(days=366 * 45)  # a 29 February on one weekday may be 40 years off


class Occurrence(NamedTuple):
    """A coming slot: in UTC, in the clock's zone, what its night does to it."""

    at: datetime
    local: datetime
    mark: str = ""
    said: str = ""

    @property
    def clock(self) -> str:
        """What the clock shows then, whatever zone the page is in."""
        return f"{self.local:%a %Y-%m-%d %H:%M}"

    @property
    def iso(self) -> str:
        """The moment with the distance to UTC that it has in the clock's zone."""
        return self.local.isoformat(timespec="minutes")


def upcoming(cron: str, at: datetime, zone: ZoneInfo, n: int = 5) -> list[Occurrence]:
    """The next n slots, and among them, "skipped", what a night leaves out."""
    found: list[Occurrence] = []
    days = set()
    for start in starts(cron, at, at + FAR, zone):
        if not start.left_out:
            n -= 1
        # One line a night is enough, and none where the day has other slots.
        elif start.meant.date() in days or not _is_all_left_out(cron, start, zone):
            continue
        days.add(start.meant.date())
        found.append(_marked(cron, start, zone))
        if n == 0:
            break
    return found


def _marked(cron: str, start: Start, zone: ZoneInfo) -> Occurrence:
    local = start.at.astimezone(zone)
    missing = f"{start.meant:%H:%M} does not exist on this night"
    doubled = f"{start.meant:%H:%M} comes twice on this night"
    if start.left_out:
        said = f"{missing}: cron leaves it out."
        return Occurrence(start.at, start.meant.replace(tzinfo=zone), "skipped", said)
    if start.meant != local.replace(tzinfo=None):
        said = f"{missing}: cron starts it once, right after the gap."
        return Occurrence(start.at, local, "once", said)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return Occurrence(start.at, local)
    if is_wild(cron):
        said = f"{doubled}: cron starts it both times."
        return Occurrence(start.at, local, "twice", said)
    said = f"{doubled}: cron starts it once, the first time."
    return Occurrence(start.at, local, "once", said)


def _is_all_left_out(cron: str, start: Start, zone: ZoneInfo) -> bool:
    """Whether the gap takes every slot that this day would have had."""
    day = datetime.combine(start.meant.date(), time())
    meant = takewhile(lambda wall: wall < day + DAY, matches(cron, day))
    return all(_is_in_gap(wall, zone) for wall in meant)


def _is_in_gap(wall: datetime, zone: ZoneInfo) -> bool:
    local = wall.replace(tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


def clock_zone() -> ZoneInfo:
    """The zone of the clock that starts our jobs."""
    scheduler = settings.PULSAR.scheduler
    return zone(scheduler.zone if scheduler.mode == "embedded" else "")
