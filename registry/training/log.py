"""What is logged while a training works, in a file beside those of its steps."""

from contextlib import AbstractContextManager
from pathlib import Path

from monitor import kept_log
from registry.models import TrainingRun


def path(run: TrainingRun) -> Path:
    """Where its log lies, once it has one."""
    return run.folder / "log.txt"


def kept(run: TrainingRun) -> AbstractContextManager[None]:
    """Keep what the process logs inside, and what the steps say."""
    return kept_log.kept(path(run))


def tail(run: TrainingRun) -> kept_log.Tail:
    """The last lines, for the page."""
    return kept_log.tail(path(run))


def whole(run: TrainingRun) -> kept_log.Tail:
    """All of it; or the end where that is too much."""
    return kept_log.whole(path(run))


def more(run: TrainingRun, after: int) -> kept_log.More:
    """What came after a place, for programs that follow it."""
    return kept_log.more(path(run), after)
