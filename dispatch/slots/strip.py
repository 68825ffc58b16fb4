"""A schedule's slots as a calendar: a row a day, a cell an hour of the viewer's."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, Value, When
from django.db.models.functions import Cast, Concat, Substr
from django.utils import timezone

from dispatch.models import Schedule
from dispatch.slots import looks
from dispatch.slots.looks import LOOKS, Look

# Every zone's hours begin with one of these.
QUARTER = timedelta(minutes=15)


class Hour(NamedTuple):
    """One hour as the viewer's clock shows it, and the slots in it."""

    since: datetime
    until: datetime
    local: datetime
    counts: Counter[str]

    @property
    def look(self) -> Look | None:
        return looks.worst(self.counts)

    @property
    def query(self) -> str:
        """What names it in an address."""
        return urlencode({"since": _named(self.since), "until": _named(self.until)})

    @property
    def said(self) -> str:
        return looks.said(self.counts)


class Day(NamedTuple):
    """The 24 hours of a day: none where the clocks leap ahead, two where back."""

    date: date
    hours: list[list[Hour]]


class Strip(NamedTuple):
    """The days, the newest first."""

    days: list[Day]
    looks: tuple[Look, ...] = LOOKS
    hours: tuple[int, ...] = tuple(range(24))


def strip(
    schedule: Schedule, days: int, zone: tzinfo, at: datetime | None = None
) -> Strip:
    """The last days of a schedule in a zone, today with them."""
    today = (at or timezone.now()).astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    since, until = midnight(dates[0], zone), midnight(today + timedelta(days=1), zone)
    counts = _counts(schedule, since, until)
    hours = list(_hours(since, until, zone, counts))
    of_day = {
        day: list(group)
        for day, group in groupby(hours, lambda hour: hour.local.date())
    }
    return Strip([_day(day, of_day[day]) for day in reversed(dates)])


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins, in UTC; where its midnight is leapt over, when it would."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _named(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date, hours: list[Hour]) -> Day:
    return Day(
        day,
        [[hour for hour in hours if hour.local.hour == place] for place in range(24)],
    )


def _hours(
    since: datetime, until: datetime, zone: tzinfo, counts: dict[datetime, Counter[str]]
) -> Iterator[Hour]:
    quarters = [since + n * QUARTER for n in range((until - since) // QUARTER)]
    for _, group in groupby(quarters, lambda quarter: _shown(quarter, zone)):
        inside = list(group)
        local = inside[0].astimezone(zone)
        total = sum((counts.get(quarter, Counter()) for quarter in inside), Counter())
        yield Hour(inside[0], inside[-1] + QUARTER, local, total)


def _shown(at: datetime, zone: tzinfo) -> tuple[str, int]:
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H}", local.fold


def _counts(
    schedule: Schedule, since: datetime, until: datetime
) -> dict[datetime, Counter[str]]:
    """How many of each outcome by quarter of an hour, counted by the database.

    As text, which all engines cut alike: MariaDB's own functions want tables of
    zones, and SQLite's would call back for each row.
    """
    text = Cast("at", CharField())
    minute = Substr(text, 15, 2)
    quarter = Case(
        *(When(minute__lt=f"{q + 15:02}", then=Value(f"{q:02}")) for q in (0, 15, 30)),
        default=Value("45"),
    )
    rows = (
        schedule.slots.filter(at__gte=since, at__lt=until)
        .alias(minute=minute)
        .annotate(quarter=Concat(Substr(text, 1, 14), quarter))
        .order_by()
        .values_list("quarter", "outcome")
        .annotate(Count("pk"))
    )
    counts: dict[datetime, Counter[str]] = {}
    for moment, outcome, n in rows:
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        counts.setdefault(at, Counter())[outcome] += n
    return counts
