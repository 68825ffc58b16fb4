"""Stop an export."""

from accounts.models import User
from monitor.stop import stop
from registry.exports.clear import clear
from registry.models import Export


def cancel(export: Export, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    if stop(export, "export.cancelled", by=by):
        # A worker may have died over it before it waited.
        clear(export)
