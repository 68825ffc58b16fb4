"""Tell the monitor what should run when, so that it gets its line in the crontab."""

from dispatch.models import Schedule
from monitor import jobs


def announce(schedule: Schedule) -> None:
    """Put the job of a schedule, or what has changed about it."""
    jobs.put(
        schedule.job,
        jobs.Declared(
            cron=schedule.cron,
            argv=("dispatch_run", schedule.slug),
            page=schedule.get_absolute_url(),
            sweep=False,
            start_within=schedule.start_within,
            finish_within=schedule.timeout_seconds,
            at_once=("--now",),
        ),
    )
