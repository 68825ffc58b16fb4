"""Stop a training."""

from accounts.models import User
from monitor.stop import stop
from registry.models import TrainingRun
from registry.training.line import send_next


def cancel(run: TrainingRun, *, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    if stop(run, "training.cancelled", by=by):
        send_next()
