"""The log of a run, as far as a page can carry it."""

from pathlib import Path

from django.conf import settings

from dispatch.models import Run
from monitor import kept_log


def folder() -> Path:
    """Where the logs lie, once there is one."""
    root: Path = settings.PULSAR.storage.root
    return root / "runs"


def path(run: Run) -> Path:
    """Where its log lies, once it has one."""
    return folder() / f"{run.pk}.log"


def tail(run: Run) -> kept_log.Tail:
    """The last lines, for the page."""
    return kept_log.tail(path(run))


def whole(run: Run) -> kept_log.Tail:
    """All of it; or the end where that is too much."""
    return kept_log.whole(path(run))


def more(run: Run, after: int) -> kept_log.More:
    """What has come since so many bytes of it."""
    return kept_log.more(path(run), after)
