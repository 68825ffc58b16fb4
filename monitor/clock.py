"""When a line of the crontab is due, through nights of DST, sleep and clock steps."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from crontab import CronTab

MINUTE = timedelta(minutes=1)
# As Debian's cron has it: a gap up to this long is made good, a longer one is a
# correction of the clock.
LONGEST_GAP = timedelta(hours=3)


class Line(NamedTuple):
    """One line of the crontab that is switched on: when, and what for the shell."""

    cron: str
    command: str


def enabled(crontab: str) -> list[Line]:
    """The lines a clock should start, in their order."""
    return [
        Line(item.slices.clean_render(), item.command)
        for item in CronTab(tab=crontab)
        if item.is_enabled() and item.is_valid() and item.slices.special != "@reboot"
    ]


def zone(name: str, localtime: Path = Path("/etc/localtime")) -> ZoneInfo:
    """The named zone, or this machine's."""
    if name:
        return ZoneInfo(name)
    try:
        with localtime.open("rb") as file:
            return ZoneInfo.from_file(file, key=localtime.name)
    except FileNotFoundError:
        return ZoneInfo("UTC")


class Clock:
    """Says each minute which lines to start; no minute is served twice."""

    def __init__(self, zone: ZoneInfo, served: datetime) -> None:
        self.zone = zone
        self.served = served.replace(second=0, microsecond=0)
        self._looked = self.served

    def due(self, at: datetime, lines: Sequence[Line]) -> list[Line]:
        """The lines due since the minute served last, each once."""
        minute = at.replace(second=0, microsecond=0)
        if minute == self._looked:
            return []
        self._looked = minute
        gap = minute - self.served
        if -LONGEST_GAP <= gap <= timedelta():
            # The clock went back: a job at a fixed hour has run in this minute.
            repeated = [line for line in lines if _is_every_hour(line)]
            return list(self._between(minute - MINUTE, minute, repeated))
        made_good = timedelta() < gap <= LONGEST_GAP
        since = self.served if made_good else minute - MINUTE
        self.served = minute
        return list(self._between(since, minute, lines))

    def _between(
        self, since: datetime, until: datetime, lines: Sequence[Line]
    ) -> Iterator[Line]:
        for line in lines:
            upcoming = _next(line.cron, since, self.zone)
            if upcoming and upcoming <= until:
                yield line


def _next(cron: str, since: datetime, zone: ZoneInfo) -> datetime | None:
    try:
        for local in CronSim(cron, since.astimezone(zone)):
            at = local.astimezone(UTC)
            # In the hour that comes twice, cronsim names the first one again.
            if at > since:
                return at
    except CronSimError:
        pass  # a date that never comes, such as 31 February
    return None


def _is_every_hour(line: Line) -> bool:
    minutes, hours, *_ = line.cron.split()
    return minutes.startswith("*") or hours.startswith("*")
