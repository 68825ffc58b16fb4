"""Make a schedule, and change one that nobody else has changed meanwhile."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from dispatch.errors import DispatchError
from dispatch.models import Schedule
from dispatch.schedules.announce import announce
from dispatch.slots import ledger
from monitor.crontab import lines
from monitor.events import record
from monitor.models import Skip
from monitor.switching import switch

# They make other addresses: of the form for a new one, of all runs, and of databases.
RESERVED = ("new", "runs", "connections")


class SlugTaken(DispatchError):
    """Another schedule has this address."""


class Overtaken(DispatchError):
    """Somebody has changed or removed the schedule since it was looked at."""


def create(values: Mapping[str, Any], *, by: User) -> Schedule:
    """Make a schedule and have it started by the clock.

    When the crontab cannot be written (CrontabError), it is made all the same.
    """
    try:
        with transaction.atomic():
            schedule = Schedule.objects.create(**values, owner=by)
            announce(schedule)
            _begin_anew(schedule, by)
            record("schedule.created", about=str(schedule), who=by, **_told(schedule))
    except IntegrityError as error:
        words = f"There is a schedule {values['slug']} already; choose another."
        raise SlugTaken(words) from error
    lines.sync()
    return schedule


def change(
    schedule: Schedule, values: Mapping[str, Any], revision: int, *, by: User
) -> list[str]:
    """Change a schedule as it was at this revision; which fields are others now.

    When the crontab cannot be written (CrontabError), it is changed all the same.
    """
    at = now()
    with transaction.atomic():
        before = Schedule.objects.live().filter(pk=schedule.pk).first()
        if before is None or before.revision != revision:
            raise Overtaken("Somebody has changed this schedule since you opened it.")
        changed = [name for name in values if getattr(before, name) != values[name]]
        if not changed:
            return changed
        # What was expected until now was expected by the times it had until now.
        ledger.fill(before, at)
        if "cron" in changed:
            ledger.close(before, at, "The times of the schedule were changed.")
        mine = Schedule.objects.live().filter(pk=schedule.pk, revision=revision)
        if not mine.update(**values, revision=revision + 1, changed_at=at):
            raise Overtaken("Somebody has changed this schedule since you opened it.")
        after = Schedule.objects.get(pk=schedule.pk)
        announce(after)
        record(
            "schedule.changed",
            about=str(schedule),
            who=by,
            **{name: values[name] for name in changed},
        )
    lines.sync()
    return changed


def _begin_anew(schedule: Schedule, by: User) -> None:
    """Forget the switch of a removed schedule that had the same slug."""
    at = schedule.created_at
    Skip.objects.filter(job=schedule.job, slot__gt=at).delete()
    last = switch.last(schedule.job)
    if last and not last.on:
        reason = "A new schedule of this name was made."
        switch.write_on(schedule.job, str(by.pk), at=at, reason=reason)


def _told(schedule: Schedule) -> dict[str, object]:
    return {
        "cron": schedule.cron,
        "source": schedule.source,
        "sink": schedule.sink,
        "reference": schedule.reference,
    }
