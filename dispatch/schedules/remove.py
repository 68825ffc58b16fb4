"""Take a schedule away, and bring it back."""

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from dispatch.errors import DispatchError
from dispatch.models import Schedule
from dispatch.schedules.announce import announce
from dispatch.schedules.save import SlugTaken
from dispatch.slots import ledger
from monitor import jobs
from monitor.crontab import lines
from monitor.events import record


class NotThere(DispatchError):
    """Somebody else was quicker."""


def remove(schedule: Schedule, *, by: User) -> None:
    """Have nothing start it any more; its runs, slots and batches stay.

    When the crontab cannot be written (CrontabError), it is removed all the same.
    """
    at = now()
    mine = Schedule.objects.live().filter(pk=schedule.pk)
    with transaction.atomic():
        ledger.close(schedule, at)
        if not mine.update(live=None, changed_at=at):
            raise NotThere("Somebody has removed this schedule already.")
        jobs.drop(schedule.job)
        record("schedule.removed", about=str(schedule), who=by)
    lines.sync()


def restore(schedule: Schedule, *, by: User) -> None:
    """Have it run again, from now on; if it was paused when it went, it stays so.

    When the crontab cannot be written (CrontabError), it is restored all the same.
    """
    at = now()
    gone = Schedule.objects.removed().filter(pk=schedule.pk)
    try:
        with transaction.atomic():
            # Of the time without it nothing is expected.
            if not gone.update(live=True, changed_at=at, ledger_until=at):
                raise NotThere("Somebody has brought this schedule back already.")
            announce(schedule)
            record("schedule.restored", about=str(schedule), who=by)
    except IntegrityError as error:
        raise SlugTaken(
            f"There is another schedule {schedule.slug} now: remove that one first."
        ) from error
    # Its line is a comment again if it was one when it went.
    lines.sync()
