"""What the Showroom has to refuse, in words for the person who asked."""


class ShowroomError(Exception):
    """Base of the errors that a page shows as they are."""
