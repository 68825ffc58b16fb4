"""Count and time what happens often: gathered here, stored within a second.

Whoever counts waits for nobody: a thread brings what was gathered to the database, and
keeps it for another try where the database is locked or gone.
"""

import atexit
import logging
import os
import threading
from bisect import bisect_left
from collections import Counter

from billiard.util import Finalize
from django.db import Error as DatabaseFailed
from django.db import connections, transaction

from monitor.figures.samples import key
from monitor.metrics.add import add_to

logger = logging.getLogger(__name__)

# Seconds, well under the one that a kill may cost; None: whoever wants it flushes.
EVERY: float | None = 0.5
# Upper ends of a histogram's buckets, in seconds; the last one takes what is left.
ENDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
ENDLESS = "+Inf"
# Of one transaction; and no more lines than this are kept while nothing can be stored.
_AT_ONCE = 1_000
_MOST = 10_000

_Line = tuple[str, str]


class _Gathered:
    """What this process has counted and not stored yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # One at a time stores: what two had taken would be put back in any order.
        self.storing = threading.Lock()
        self.lines: Counter[_Line] = Counter()
        self.wanted = threading.Event()
        self.thread: threading.Thread | None = None

    def put(self, lines: Counter[_Line]) -> None:
        """Add to what is gathered; lines that are too many are given up."""
        with self.lock:
            for line, n in lines.items():
                if line in self.lines or len(self.lines) < _MOST:
                    self.lines[line] += n

    def take(self) -> Counter[_Line]:
        with self.lock:
            lines, self.lines = self.lines, Counter()
        return lines


gathered = _Gathered()


def count(name: str, n: float = 1, **labels: str) -> None:
    """Something happened, so many times; no label names a person or a candidate."""
    _put(Counter({(name, key(labels)): n}))


def observe(name: str, seconds: float, **labels: str) -> None:
    """Something took so long: one more in its bucket, and in the sum."""
    place = bisect_left(ENDS, seconds)
    end = str(ENDS[place]) if place < len(ENDS) else ENDLESS
    lines = {
        (f"{name}_bucket", key(labels | {"le": end})): 1,
        (f"{name}_sum", key(labels)): seconds,
    }
    _put(Counter(lines))


def flush() -> None:
    """Store what is gathered now; what cannot be stored is kept."""
    with gathered.storing:
        lines = gathered.take()
        try:
            while lines:
                some = Counter(dict(list(lines.items())[:_AT_ONCE]))
                _store(some)
                lines -= some
        except DatabaseFailed as error:
            gathered.put(lines)
            logger.warning("What was counted is stored later: %s", error)


def _put(lines: Counter[_Line]) -> None:
    gathered.put(lines)
    if EVERY is None:
        return
    gathered.wanted.set()
    if gathered.thread is None:
        _begin()


def _begin() -> None:
    with gathered.lock:
        if gathered.thread is None:
            gathered.thread = threading.Thread(
                target=_keep_flushing, args=[gathered], name="tally", daemon=True
            )
            gathered.thread.start()
            # A worker of Celery's leaves its process without Python's good-byes.
            Finalize(None, _at_exit, exitpriority=10)


def _keep_flushing(mine: _Gathered) -> None:
    pause = threading.Event()
    while mine.wanted.wait():
        mine.wanted.clear()
        pause.wait(EVERY)
        flush()
        if mine.lines:
            mine.wanted.set()
        # It is this thread's own, and nobody else will close it.
        connections.close_all()


def _store(lines: Counter[_Line]) -> None:
    with transaction.atomic():
        # All in one order: two processes that wait for each other's rows never end.
        for (name, labels), n in sorted(lines.items()):
            add_to(name, labels, n)


def _at_exit() -> None:
    if gathered.lines:
        flush()


def _begin_anew() -> None:
    """A child counts for itself: what its parent has gathered is its parent's."""
    # Locks may be held, and threads are gone.
    global gathered
    gathered = _Gathered()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_at_exit)
