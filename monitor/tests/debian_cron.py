"""Debian's cron, minute by minute, after its cron.c: what our arithmetic is held to.

It shares no code with monitor/wall.py, walks instead of computing, and is slow.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)

LOWEST = (0, 0, 1, 1, 0)
HIGHEST = (59, 23, 31, 12, 7)


def started(cron: str, walls: Iterable[datetime]) -> list[int]:
    """At which of the walls' minutes, each a look of the daemon, it starts the line."""
    wild = any(field.startswith("*") for field in cron.split()[:2])
    virtual, found = None, []
    for place, running in enumerate(walls):
        if virtual is None:
            virtual = running
            continue
        jump = round((running - virtual) / MINUTE)
        if 0 < jump <= 5:  # each minute in its turn
            looked = [virtual + n * MINUTE for n in range(1, jump + 1)]
            virtual = running
        elif 5 < jump <= 180:  # "DST begins"
            passed = [virtual + n * MINUTE for n in range(1, jump + 1)]
            looked = [running] if wild else passed
            virtual = running
        elif -180 < jump <= 0:  # "DST ends": virtual time waits
            looked = [running] if wild else []
        else:  # "clock jumped"
            looked = [running]
            virtual = running
        if any(matches(cron, wall) for wall in looked):
            found.append(place)
    return found


def slots(
    cron: str, since: datetime, until: datetime, zone: ZoneInfo
) -> list[datetime]:
    """The starts in since < at <= until of a daemon that has run for hours before."""
    first = since - timedelta(hours=6)
    count = round((until - first) / MINUTE) + 1
    looks = [first + n * MINUTE for n in range(count)]
    walls = [at.astimezone(zone).replace(tzinfo=None) for at in looks]
    return [looks[n] for n in started(cron, walls) if looks[n] > since]


def matches(cron: str, wall: datetime) -> bool:
    """Whether the line names this minute."""
    minutes, hours, days, months, weekdays = (
        bits(*field) for field in zip(cron.split(), LOWEST, HIGHEST, strict=True)
    )
    _, _, day, _, weekday = cron.split()
    in_month = wall.day in days
    in_week = bool({wall.isoweekday(), wall.isoweekday() % 7} & weekdays)
    both = day.startswith("*") or weekday.startswith("*")
    return (
        wall.minute in minutes
        and wall.hour in hours
        and wall.month in months
        and (in_month and in_week if both else in_month or in_week)
    )


@cache
def bits(text: str, lowest: int, highest: int) -> set[int]:
    """The numbers of one field, without names."""
    found = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        low = lowest if first == "*" else int(first)
        high = highest if first == "*" else int(last or first)
        found |= set(range(low, high + 1, int(step or 1)))
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
