"""Whose turn it is to keep time: two clocks would run every job twice."""

import os
import socket
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.conf import settings

from monitor.models import Ping

SLUG = "clock"
# A clock that has been silent for so long is gone.
SILENT = timedelta(minutes=2)


class OtherClock(Exception):
    """Another clock keeps time; the message says which."""


class Holder(NamedTuple):
    """One clock, as its ping names it."""

    mode: str
    host: str
    pid: int
    root: str

    @classmethod
    def me(cls) -> Self:
        wanted = settings.PULSAR
        return cls(
            wanted.scheduler.mode,
            socket.gethostname(),
            os.getpid(),
            str(wanted.storage.root),
        )

    @classmethod
    def named(cls, text: str) -> Self:
        mode, host, pid, root = text.split(" ", 3)
        return cls(mode, host, int(pid), root)

    def __str__(self) -> str:
        return f"{self.mode} {self.host} {self.pid} {self.root}"

    def may_follow(self, other: Self) -> bool:
        """Whether this clock is the other one started again, or outlives it."""
        if self.host != other.host:
            return False
        # One supervisor holds a lock on its storage: there its clock is the only one.
        restarted = (self.mode, self.root) == (other.mode, other.root)
        # Each tick of the host's cron is a process of its own, and gone by now.
        return restarted or (other.mode != "host" and not _lives(other.pid))


def take(holder: Holder, at: datetime) -> datetime:
    """Become the clock and say which minute was served last, or raise OtherClock."""
    ping = refuse(holder, at)
    served = ping.started_at or at
    unchanged = Ping.objects.filter(
        slug=SLUG, by=ping.by, succeeded_at=ping.succeeded_at
    )
    if not unchanged.update(by=str(holder), succeeded_at=at, started_at=served):
        raise OtherClock("Another clock has started in this very moment.")
    return served


def refuse(holder: Holder, at: datetime) -> Ping:
    """Look at the clock's last sign of life; OtherClock if this one may not follow."""
    ping, _ = Ping.objects.get_or_create(slug=SLUG)
    seen = ping.succeeded_at
    if ping.by and seen and at - seen < SILENT:
        other = Holder.named(ping.by)
        if not holder.may_follow(other):
            raise OtherClock(
                f"Another clock ({other.mode}, process {other.pid} on {other.host}, "
                f"{other.root}) gave a sign of life at {seen:%H:%M:%S} UTC. Stop it "
                f"first, or wait until it has been silent for two minutes."
            )
    return ping


def sign(holder: Holder, at: datetime, served: datetime) -> bool:
    """Give a sign of life; False when another clock has taken over."""
    mine = Ping.objects.filter(slug=SLUG, by=str(holder))
    return mine.update(succeeded_at=at, started_at=served) == 1


def leave(holder: Holder) -> None:
    """Stop being the clock, so that the next may start at once."""
    Ping.objects.filter(slug=SLUG, by=str(holder)).update(by="")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and belongs to somebody else
    return True
