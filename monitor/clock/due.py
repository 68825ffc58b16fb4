"""When a line of the crontab is due, through nights of DST, sleep and clock steps."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crontab import CronTab

from monitor.clock.fields import BadCron, check, is_wild
from monitor.clock.wall import LONGEST_GAP, MINUTE, occurrences

_FIELDS = re.compile(r"[ \t]*(?:\S+[ \t]+){5}")


class Line(NamedTuple):
    """One line of the crontab that is switched on: when, and what for the shell."""

    cron: str
    command: str


def enabled(crontab: str) -> list[Line]:
    """The lines a clock should start, in their order."""
    return [line for text in crontab.split("\n") if (line := _line(text))]


def _line(text: str) -> Line | None:
    if text.lstrip().startswith("@"):
        item = next(iter(CronTab(tab=text)), None)
        if item is None or not item.is_valid() or item.slices.special == "@reboot":
            return None
        return Line(item.slices.clean_render(), item.command)
    fields = _FIELDS.match(text)
    if fields is None:
        return None
    try:
        cron = check(fields[0])
    except BadCron:
        return None  # a remark, a variable, or times that no clock shows
    # python-crontab sees the command only: it sorts lists, so that a * in front is
    # behind, which cron tells apart, and it fails at ranges such as mon-7.
    item = next(iter(CronTab(tab=f"* * * * * {text[fields.end() :]}")), None)
    return Line(cron, item.command) if item else None


def zone(name: str, localtime: Path = Path("/etc/localtime")) -> ZoneInfo:
    """The named zone, or this machine's."""
    if name:
        return ZoneInfo(name)
    try:
        with localtime.open("rb") as file:
            _, _, name = str(localtime.resolve()).rpartition("/zoneinfo/")
            return ZoneInfo.from_file(file, key=name)
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
        if -LONGEST_GAP < gap <= timedelta():
            # The clock went back: a job at a fixed hour has run in this minute.
            repeated = [line for line in lines if is_wild(line.cron)]
            return list(self._between(minute - MINUTE, minute, repeated))
        made_good = timedelta() < gap <= LONGEST_GAP
        since = self.served if made_good else minute - MINUTE
        self.served = minute
        return list(self._between(since, minute, lines))

    def _between(
        self, since: datetime, until: datetime, lines: Sequence[Line]
    ) -> Iterator[Line]:
        for line in lines:
            if any(occurrences(line.cron, since, until, self.zone)):
                yield line
