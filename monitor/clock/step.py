"""When the clock of this machine was put elsewhere, and when nobody kept time."""

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from django.utils import timezone

from monitor.clock.fields import is_wild
from monitor.clock.wall import LONGEST_GAP
from monitor.figures import samples
from monitor.models import Ping, Sample

# Seconds by which a clock was put on, or back; that nobody looked at it.
STEP, GAP = "clock.step", "clock.gap"
# What is less is made good by start_within.
LEAST_STEP = 60
# The tick looks each minute.
LEAST_GAP = 90
# Where the last look is remembered.
_SLUG = "clock-step"


class _Look(NamedTuple):
    """What a look at the clocks of this machine has shown."""

    boot: str
    up: float
    wall: float

    @classmethod
    def now(cls) -> Self:
        return cls(boot(), up(), timezone.now().timestamp())

    def since(self, before: Self) -> dict[str, float]:
        """What happened between two looks, in seconds."""
        wall = self.wall - before.wall
        if self.boot != before.boot:
            # How long it was off, no other clock knows.
            return {GAP: wall} if wall > LEAST_GAP else {}
        passed = self.up - before.up
        step = {STEP: wall - passed} if abs(wall - passed) > LEAST_STEP else {}
        return step | ({GAP: passed} if passed > LEAST_GAP else {})


def note(at: datetime) -> None:
    """Keep what has happened to the clock since the last look at it."""
    ping, _ = Ping.objects.get_or_create(slug=_SLUG)
    look = _Look.now()
    unseen = Ping.objects.filter(slug=_SLUG, detail=ping.detail)
    # Of two looks at once, one tells it.
    if not unseen.update(detail=json.dumps(look), succeeded_at=at) or not ping.detail:
        return
    for name, seconds in look.since(_Look(*json.loads(ping.detail))).items():
        samples.put(name, seconds, at=at)


def up() -> float:
    """Seconds since this machine began, its sleep with them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot() -> str:
    """Which life of this machine it is."""
    file = Path("/proc/sys/kernel/random/boot_id")
    return file.read_text().strip() if file.exists() else ""


class Stretch(NamedTuple):
    """A time on the clock: begin < moment <= end."""

    begin: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.begin < moment <= self.end


class Unrest(NamedTuple):
    """All steps and gaps that are remembered."""

    forward: Sequence[Stretch]
    back: Sequence[Stretch]
    gaps: Sequence[Stretch]

    def passed_over(self, cron: str, moment: datetime) -> bool:
        """Whether the clock leapt over a moment, or came to it a second time."""
        if any(step.holds(moment) for step in self.forward):
            return True
        # As cron does: put back further, it was wrong, and all is due by the new time.
        again = (step for step in self.back if step.end - step.begin <= LONGEST_GAP)
        return not is_wild(cron) and any(step.holds(moment) for step in again)

    def anew(self, at: datetime) -> datetime | None:
        """When it was put back last: what served the time before lies ahead now."""
        return max((step.begin for step in self.back if step.begin <= at), default=None)

    def silence(self, since: datetime, until: datetime) -> Stretch | None:
        """The last gap that has taken something of this time."""
        hit = [gap for gap in self.gaps if gap.begin < until and gap.end > since]
        return hit[-1] if hit else None

    def stepped(self, since: datetime) -> bool:
        """Whether there was a step after a moment."""
        return any(step.end > since for step in (*self.forward, *self.back))

    def worked(self, since: datetime, at: datetime) -> timedelta:
        """How long something has worked that began at a time: asleep nobody works."""
        took = at - since
        for step in self.forward:
            took -= step.end - step.begin if step.begin > since else timedelta()
        for step in self.back:
            # Between its ends it is unknown which of two times is meant.
            took += step.end - step.begin if step.begin >= since else timedelta()
        for gap in self.gaps:
            took -= max(timedelta(), gap.end - max(gap.begin, since))
        return max(timedelta(), took)


def unrest() -> Unrest:
    """What is remembered."""
    found = Sample.objects.filter(name__in=(STEP, GAP)).order_by("at", "pk")
    forward, back, gaps = [], [], []
    for name, at, value in found.values_list("name", "at", "value"):
        length = timedelta(seconds=abs(value))
        if name == GAP:
            gaps.append(Stretch(at - length, at))
        elif value > 0:
            forward.append(Stretch(at - length, at))
        else:
            back.append(Stretch(at, at + length))
    return Unrest(forward, back, gaps)
