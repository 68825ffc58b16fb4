"""A person has a schedule run now, beside its slots."""

from accounts.models import User
from dispatch.models import Run, Schedule
from dispatch.runs.start import start
from monitor.send import send
from monitor.work import State


def run_now(schedule: Schedule, by: User) -> Run:
    """Start a run and hand it to a worker; while another is open it is refused."""
    run = start(schedule, trigger=Run.Trigger.HAND, by=by, now_anyway=True)
    if run.state == State.QUEUED:
        send(run)
    return run
