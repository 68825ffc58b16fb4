"""Write a long file in a second thread, while the first gives signs of life."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from monitor import room
from monitor.work import Stopped
from pulsar_ml.writers.sheet import Query

_BEAT_SECONDS = 1.0

# Is told how many rows are written, of how many.
Seen = Callable[[int, int], None]
_Result = TypeVar("_Result")


@dataclass
class _Course:
    """How far the file is; shared by who writes it and who watches."""

    done: int = 0
    of: int = 0
    stopped: bool = False

    def seen(self, done: int, of: int) -> None:
        self.done, self.of = done, of
        if self.stopped:
            raise Stopped("There is no use in going on.")
        room.check()


def watched(query: Query, write: Callable[[Seen], _Result], beat: Seen) -> _Result:
    """What `write` gives, with a beat each second; what that raises stops the work.

    A sort of millions of rows outlasts a lease, and DuckDB says nothing meanwhile.
    """
    course = _Course()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(write, course.seen)
        try:
            while not work.done():
                room.check()
                beat(course.done, course.of)
                wait([work], timeout=_BEAT_SECONDS)
        finally:
            _stop(work, query, course)
        return work.result()


def _stop(work: Future[_Result], query: Query, course: _Course) -> None:
    """Whatever ended the watch, leave nobody behind who writes on."""
    course.stopped = True
    while not work.done():
        # Again and again, as it may be just between two queries.
        query.connection.interrupt()
        wait([work], timeout=_BEAT_SECONDS)
