"""What is logged while a run works, in a file of its own."""

from contextlib import AbstractContextManager

from dispatch.models import Run
from dispatch.runs.tail import path
from monitor import kept_log


def kept(run: Run) -> AbstractContextManager[None]:
    """Keep what the process logs inside, beside what it says on standard error."""
    return kept_log.kept(path(run))
