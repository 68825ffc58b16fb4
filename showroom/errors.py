"""What the Showroom has to refuse, in words for the person who asked."""


class ShowroomError(Exception):
    """Base of the errors that a page shows as they are."""


class NoRoom(ShowroomError):
    """The site takes no more for now."""


class CannotClassify(ShowroomError):
    """A model, or a call, by which nothing is classified; the message says why."""


class Made(CannotClassify):
    """A batch that was made and cannot be answered with; the message names it."""
