"""Stop a comparison."""

from accounts.models import User
from monitor.stop import stop
from registry.models import Comparison


def cancel(comparison: Comparison, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    stop(comparison, "comparison.cancelled", by=by)
