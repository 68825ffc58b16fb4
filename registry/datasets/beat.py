"""Signs of life of a build, also while a long calculation has nothing to tell."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from monitor import room
from monitor.beat import Beat
from monitor.work import Stopped, Work

# Is told how much is done, of how much.
Seen = Callable[[int, int], None]
_Result = TypeVar("_Result")


class BuildBeat(Beat):
    """Called with how far the build is; says what it does now in the row's reason."""

    def __init__(self, work: Work, stopping: Callable[[], bool]) -> None:
        super().__init__(work, stopping)
        self.done, self.of, self.doing = 0, 0, ""

    def __call__(self, done: int | None = None, of: int | None = None) -> None:
        """Give a sign of life if the last is a second ago."""
        self.done = self.done if done is None else done
        self.of = self.of if of is None else of
        super().__call__()

    def say(self, doing: str, of: int = 0) -> None:
        """Begin with something else."""
        self.doing, self.done, self.of = doing, 0, of
        self.now()

    def changes(self) -> dict[str, Any]:
        return {"n_done": self.done, "n_of": self.of, "reason": self.doing}

    def aside(self, work: Callable[[Seen], _Result]) -> _Result:
        """What the work gives, done by a second thread that asks no database.

        A calculation over a million rows outlasts a lease, and says nothing meanwhile.
        """
        course = _Course()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(work, course.seen)
            try:
                self._watch(future, course)
            finally:
                course.stopped = True
            return future.result()

    def _watch(self, future: Future[Any], course: "_Course") -> None:
        while not future.done():
            room.check()
            self(course.done, course.of or self.of)
            wait([future], timeout=self.every)


class _Course:
    """How far the work is; shared by who does it and who watches."""

    def __init__(self) -> None:
        self.done, self.of, self.stopped = 0, 0, False

    def seen(self, done: int, of: int) -> None:
        self.done, self.of = done, of
        if self.stopped:
            raise Stopped("There is no use in going on.")
