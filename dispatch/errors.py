"""What can go wrong with a schedule or a run, in words for whoever asked."""

from monitor.work import Stopped


class DispatchError(Exception):
    """Base of the errors that a page or command shows as they are."""


class CannotRetry(DispatchError):
    """The run cannot go on now; the message says why."""


class BatchFailed(DispatchError):
    """What the run has read could not be scored this time."""


class NothingUsable(DispatchError):
    """However often it is tried, there is nothing that could be scored."""


class NoRoom(DispatchError):
    """The run must wait for room on the disk, which is no failure of it."""


class TimedOut(Stopped):
    """One try of a run has lasted longer than its schedule allows."""
