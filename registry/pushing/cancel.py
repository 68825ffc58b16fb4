"""Stop an examination."""

from accounts.models import User
from monitor.stop import stop
from registry.models import Push


def cancel(push: Push, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    stop(push, "push.cancelled", by=by, name=push.name)
