"""What stops a batch, in words for the person who sent it."""


class ShowroomError(Exception):
    """Base of the errors that a page shows as they are."""


class LeaseLost(ShowroomError):
    """Another worker has taken the batch over; this one must write no more."""


class Cancelled(ShowroomError):
    """Somebody asked for the batch to stop."""
