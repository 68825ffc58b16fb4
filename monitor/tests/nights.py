"""The table of the clock tests: what it holds, and how docs/clock.md shows it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.clock.cron import upcoming
from monitor.clock.due import Clock, Line
from monitor.clock.wall import MINUTE, occurrences
from monitor.tests import debian_cron
from monitor.tests.debian_cron import at

AROUND = timedelta(hours=3)

CRONS = (
    "*/15 * * * *",
    "30 * * * *",
    "30 2 * * *",
    "0 3 * * *",
    "15 1,2 * * *",
    "0 */2 * * *",
    "30 0 * * 0",
)


class Night(NamedTuple):
    """A night on which a zone changes its clocks, and the moment of it."""

    name: str
    zone: ZoneInfo
    change: datetime
    told: str

    @property
    def since(self) -> datetime:
        return self.change - AROUND

    @property
    def until(self) -> datetime:
        return self.change + AROUND


NIGHTS = tuple(
    Night(f"{key}, {day}", ZoneInfo(key), at(change), told)
    for key, day, change, told in [
        ("Europe/Berlin", "29 March 2026", "2026-03-29 01:00", "02:00 becomes 03:00"),
        ("Europe/Berlin", "25 October 2026", "2026-10-25 01:00", "03:00 becomes 02:00"),
        ("America/New_York", "8 March 2026", "2026-03-08 07:00", "02:00 becomes 03:00"),
        (
            "America/New_York",
            "1 November 2026",
            "2026-11-01 06:00",
            "02:00 becomes 01:00",
        ),
        (
            "Australia/Lord_Howe",
            "4 October 2026",
            "2026-10-03 15:30",
            "02:00 becomes 02:30",
        ),
        (
            "Australia/Lord_Howe",
            "5 April 2026",
            "2026-04-04 15:00",
            "02:00 becomes 01:30",
        ),
        (
            "America/Santiago",
            "6 September 2026",
            "2026-09-06 04:00",
            "00:00 becomes 01:00",
        ),
        (
            "America/Santiago",
            "4 April 2026",
            "2026-04-05 03:00",
            "24:00 becomes 23:00",
        ),
    ]
)


class Step(NamedTuple):
    """A machine whose clock shows 02:10 one minute, and is put elsewhere the next."""

    name: str
    by: timedelta

    @property
    def walls(self) -> list[datetime]:
        """What its clock shows, minute by minute; it began at 01:20 of a Sunday."""
        began = at("2026-06-07 01:20").replace(tzinfo=None)
        return [began + n * MINUTE for n in range(51)] + [
            began + self.by + n * MINUTE for n in range(51, 200)
        ]

    def debian(self, cron: str) -> list[int]:
        """At which of these minutes Debian's cron starts the line."""
        return debian_cron.started(cron, self.walls)

    def embedded(self, cron: str) -> list[int]:
        """At which of these minutes the embedded clock does."""
        first, *others = [wall.replace(tzinfo=UTC) for wall in self.walls]
        clock, line = Clock(ZoneInfo("UTC"), first), Line(cron, "job")
        return [n for n, wall in enumerate(others, 1) if clock.due(wall, [line])]

    def told(self, places: list[int]) -> str:
        """The minutes as the clock showed them; + is what it has shown before."""
        walls = self.walls
        shown = (
            f"{walls[n]:%a %H:%M}{'+' if walls[n] in walls[:n] else ''}" for n in places
        )
        return ", ".join(shown) or "none"


STEPS = (
    Step("an hour forward", timedelta(hours=1)),
    Step("an hour back", timedelta(hours=-1)),
    Step("a day forward", timedelta(days=1)),
    Step("a day back", timedelta(days=-1)),
)
RARE = {
    "0 0 29 2 *": "2027-01-01",
    "30 2 31 12 *": "2026-01-01",
    "59 23 31 12 *": "2026-01-01",
    "0 0 1 1 *": "2026-01-01",
}


def told(slots: list[datetime], night: Night) -> str:
    """The slots as the clocks there show them; + is the second pass of an hour."""
    return ", ".join(_told(slot.astimezone(night.zone)) for slot in slots) or "none"


def _told(local: datetime) -> str:
    again = local.fold and local.replace(fold=0).utcoffset() != local.utcoffset()
    return f"{local:%H:%M}{'+' if again else ''}"


def table() -> str:
    """What stands in docs/clock.md between its two marks."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    for night in NIGHTS:
        yield f"\n### {night.name}: {night.told}\n"
        yield "| line | starts at |\n| --- | --- |"
        for cron in CRONS:
            slots = list(occurrences(cron, night.since, night.until, night.zone))
            yield f"| `{cron}` | {told(slots, night)} |"
    for step in STEPS:
        yield f"\n### {step.name.capitalize()}, at 02:10\n"
        yield "| line | Debian's cron starts at | the embedded clock also at |"
        yield "| --- | --- | --- |"
        for cron in CRONS:
            by_debian = step.debian(cron)
            also = [n for n in step.embedded(cron) if n not in by_debian]
            yield f"| `{cron}` | {step.told(by_debian)} | {step.told(also)} |"
    yield "\n### Leap days and year's ends, Europe/Berlin\n"
    yield "| line | from | starts at |\n| --- | --- | --- |"
    for cron, since in RARE.items():
        slots = upcoming(cron, at(since), ZoneInfo("Europe/Berlin"), 3)
        yield f"| `{cron}` | {since} | {', '.join(slot.iso for slot in slots)} |"
