"""What is to be looked at, and was not yet."""

from monitor.checks.gather import gather
from monitor.models import Check


def unseen(slug: str) -> Check | None:
    """The row that it will have, not stored; None if there is no such thing."""
    subject = gather().subjects().get(slug)
    return Check(**subject._asdict()) if subject else None
