"""Signs of life of a run, wherever it is worked on: in the clock's process, or here."""

from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.models import Run
from dispatch.runs.report import line
from monitor.starts.watch import WORKER, Watched, watch
from monitor.work import State


@contextmanager
def by_worker(run: Run) -> Iterator[None]:
    """What a worker does for a run is a start of its own."""
    with watch(run.schedule.job, by=WORKER) as seen:
        yield
        run.refresh_from_db()
        if run.state in (State.FAILED, State.UP_FOR_RETRY):
            seen.fail(line(run))
        tell(seen, run)


@contextmanager
def from_line(seen: Watched) -> Iterator[None]:
    """The clock's own start has its time count from where its run got a place."""
    seen.at_work()
    yield


def tell(seen: Watched, run: Run) -> None:
    """Say where it can be looked at, and whether its work was done here."""
    seen.page(run.get_absolute_url())
    if run.state not in (State.SUCCESS, State.FAILED, State.UP_FOR_RETRY):
        seen.refuse(line(run))
