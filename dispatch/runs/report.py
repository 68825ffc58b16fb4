"""What a run came to, in one line for a log or one object for a program."""

from typing import Any

from dispatch.models import Run
from monitor.work import State

_HANDED_OVER = (State.QUEUED, State.RUNNING)


def report(run: Run) -> dict[str, Any]:
    """All that a program may want to know of it."""
    return {
        "schedule": run.schedule.slug,
        "run": run.pk,
        "state": run.state,
        "reason": run.reason,
        "slot": run.slot and run.slot.at.isoformat(),
        "batch": run.batch_id,
        "files": run.n_files,
        "waiting": run.n_waiting,
        "known": run.n_known,
        "rows": run.n_rows,
        "scored": run.n_scored,
        "pulsars": run.n_pulsars,
        "rejected": run.n_rejected,
        "output": run.output,
        "seconds": run.took and run.took.total_seconds(),
    }


def line(run: Run) -> str:
    """The same in words."""
    return f"{run} of {run.schedule.slug}: {_words(run)}"


def _words(run: Run) -> str:
    if run.state in _HANDED_OVER:
        return "a worker goes on with it"
    state = run.state.replace("_", " ")
    if run.reason:
        return f"{state}: {' '.join(run.reason.split())}"
    if run.batch_id is None:
        return f"{state}, nothing new ({run.n_waiting} not whole yet)"
    seconds = run.took.total_seconds() if run.took else 0
    return (
        f"{state}, {run.n_files} files, {run.n_rows} rows, {run.n_pulsars} pulsars, "
        f"{run.n_rejected} rejected, batch {run.batch_id}, {seconds:.1f} s"
    )
