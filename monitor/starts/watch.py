"""Signs of life around a run: its ping, and the row of its start."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import close_old_connections, transaction
from django.utils import timezone

from accounts.models import User
from monitor.models import Job, Ping, Start
from monitor.starts import process
from monitor.starts.left_out import left_out
from monitor.starts.sign import sign

# Who started it, where that was not the clock.
WORKER = "a worker"
SHELL = "a shell"
# Names to a command the person who wanted it at once.
BY = "PULSARSITE_STARTED_BY"

_LONGEST = 500
_TOLD_TO_STOP = 128 + signal.SIGTERM
_Outcome = Start.Outcome


class Watched:
    """A run while it is at work, and what it says of itself."""

    def __init__(self, start: Start | None) -> None:
        self.outcome = _Outcome.SUCCEEDED
        self.detail = ""
        self.exit = 0
        self.begun = time.monotonic()
        self._start = start

    def page(self, url: str) -> None:
        """Where what it does can be looked at."""
        self._change(page=url)

    def at_work(self) -> None:
        """Its time counts from now: until here it only stood in a line."""
        self.begun = time.monotonic()
        self._change(at=timezone.now())

    def refuse(self, reason: str) -> None:
        """It leaves its work undone, or to another: neither failed nor done."""
        self.outcome, self.detail = _Outcome.REFUSED, reason[:_LONGEST]

    def fail(self, reason: str, code: int = 1) -> None:
        """It did not do what it should."""
        self.outcome, self.exit = _Outcome.FAILED, code
        self.detail = reason[:_LONGEST]

    def is_left_out(self) -> bool:
        """Whether a person wanted it left out at the moment that it was started for."""
        if self._start is None or self._start.by:
            return False
        reason = left_out(self._start.job, self._start.at)
        if reason:
            self.refuse(reason)
        return bool(reason)

    def end(self) -> None:
        """Write down how it ended."""
        self._change(
            ended_at=timezone.now(),
            outcome=self.outcome,
            exit=self.exit,
            duration=self.took,
            detail=self.detail,
        )

    @property
    def took(self) -> float:
        return time.monotonic() - self.begun

    @property
    def person(self) -> User | None:
        """Who wanted it at once; nobody where the clock or a shell started it."""
        by = self._start.by if self._start else ""
        return User.objects.filter(pk=by).first() if by.isdecimal() else None

    @property
    def has_process(self) -> bool:
        """Whether its process is there for it alone; a worker's goes on to others."""
        return self._start is not None and self._start.by != WORKER

    def _change(self, **changes: Any) -> None:
        if self._start is not None:
            Start.objects.filter(pk=self._start.pk).update(**changes)


@contextmanager
def watch(slug: str, by: str = "") -> Iterator[Watched]:
    """Leave signs of life around a run; a failure is noted and goes on its way."""
    at = timezone.now()
    # Not update_or_create: several at once would lock each other in MariaDB.
    Ping.objects.get_or_create(slug=slug)
    Ping.objects.filter(slug=slug).update(started_at=at)
    watched = Watched(_begin(slug, by or _by(), at))
    try:
        with _stoppable(watched):
            yield watched
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        _take_down(watched, error)
        # A connection that broke stays broken until it is closed.
        close_old_connections()
        _end(slug, watched)
        raise
    _end(slug, watched)


def _begin(slug: str, by: str, at: datetime) -> Start | None:
    """The row of the start; none of what the tick does each minute, or more often."""
    if not Job.objects.filter(slug=slug, sweep=False).exists():
        return None
    return Start.objects.create(
        job=slug,
        at=at,
        by=by,
        host=process.here(),
        pid=os.getpid(),
        process_at=process.born(),
    )


def _by() -> str:
    if by := os.environ.get(BY):
        return by
    # Cron gives its lines no terminal.
    return SHELL if sys.stdin and sys.stdin.isatty() else ""


@contextmanager
def _stoppable(watched: Watched) -> Iterator[None]:
    """Let a start that is told to stop say so; whoever sees to that himself may."""
    mine = threading.current_thread() is threading.main_thread()
    unseen = signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if not (mine and watched.has_process and unseen):
        yield
        return
    signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(*_: object) -> None:
    raise SystemExit(_TOLD_TO_STOP)


def _take_down(watched: Watched, error: BaseException) -> None:
    """What an exception says of how it ended; one that leaves with 0 ended well."""
    if not isinstance(error, SystemExit):
        watched.fail(f"{type(error).__name__}: {error}")
    elif error.code == _TOLD_TO_STOP:
        watched.fail("It was told to stop.", _TOLD_TO_STOP)
    elif error.code:
        code = error.code if isinstance(error.code, int) else 1
        watched.fail(f"SystemExit: {error}", code)


def _end(slug: str, watched: Watched) -> None:
    with transaction.atomic():
        watched.end()
        if watched.outcome != _Outcome.REFUSED:
            failing = watched.outcome == _Outcome.FAILED
            sign(slug, watched.detail, watched.took, failing=failing)
