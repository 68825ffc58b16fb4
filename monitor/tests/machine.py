"""A machine for tests: its clock on the wall is set, its other one only runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import time_machine

from monitor.checks.jobs import judge
from monitor.clock import step
from monitor.models import Check, Job, Ping, Start

SECOND = timedelta(seconds=1)


class Machine:
    """It has run for a while; a reboot gives it another name."""

    def __init__(self) -> None:
        self.boot, self.up = "a", 1_000.0

    def patch(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(step, "up", lambda: self.up)
        monkeypatch.setattr(step, "boot", lambda: self.boot)

    @contextmanager
    def shows(self, wall: datetime, passed: float = 60) -> Iterator[None]:
        """The wall's clock stands at a time, so many seconds after the last one."""
        self.up += passed
        with time_machine.travel(wall, tick=False):
            yield

    def passes(self, wall: datetime, passed: float = 60) -> None:
        """Somebody has looked at its clocks."""
        with self.shows(wall, passed):
            step.note(wall)

    def judges(self, wall: datetime, passed: float | None = None) -> None:
        """The jobs are judged; with nothing said as if it had ticked all the while."""
        if passed is None:
            Ping.objects.filter(slug="clock-step").delete()
        with self.shows(wall, passed or 0):
            judge(wall)


def job(slug: str = "prune", cron: str = "30 2 * * *", **values: Any) -> Job:
    """A job with five minutes to start and an hour to finish."""
    given = {"start_within": 300, "finish_within": 3600, "argv": ["tick"], "page": "/"}
    return Job.objects.create(slug=slug, cron=cron, **given | values)


def ran(slug: str, at: datetime, took: float = 3, **values: Any) -> Start:
    """A start that has ended, well if nothing else is said."""
    given: dict[str, Any] = {"outcome": "succeeded", "exit": 0, "host": "h", "pid": 1}
    end = {"ended_at": at + timedelta(seconds=took), "duration": took}
    return Start.objects.create(job=slug, at=at, **given | end | values)


def check(slug: str = "prune") -> Check:
    return Check.objects.get(slug=f"job-{slug}")


def state(slug: str = "prune") -> tuple[str, str]:
    found = check(slug)
    return found.state, found.summary
