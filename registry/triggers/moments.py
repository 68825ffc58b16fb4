"""Moments of the clock, and what a cool-down and a day are by it."""

from datetime import UTC, datetime, time, timedelta

from monitor.clock.cron import clock_zone, occurrences, upcoming
from registry.models import Decision, Trigger
from registry.triggers.look import Look, fires, told, waits

# A look that comes a little after its moment is for that moment.
LATE = timedelta(minutes=10)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# With these a moment is over; where the input is at fault or lacks, it waits.
_SERVED = (
    Decision.Outcome.FIRED,
    Decision.Outcome.COOLING,
    Decision.Outcome.CAPPED,
    Decision.Outcome.BUSY,
)


def find(trigger: Trigger, at: datetime) -> Look:
    """The last moment that no look has served; of many that were missed, one."""
    cron, zone = trigger.condition["cron"], clock_zone()
    moments = list(occurrences(cron, _served(trigger, at), at, zone))
    if moments:
        said = f"{told(moments[-1])} has come."
        if len(moments) > 1:
            said = f"{len(moments)} moments have come, the last at {told(moments[-1])}."
        return fires(said, moments[-1], moments=len(moments))
    coming = upcoming(cron, at, zone, 1)
    ahead = next((one for one in coming if one.mark != "skipped"), None)
    if ahead is None:
        return waits("No moment is ahead.")
    return waits(f"The next moment is {told(ahead.at)}.", next=ahead.at.isoformat())


def cooled(trigger: Trigger) -> datetime | None:
    """When it may fire again. Whole days are the clock's: one has 23 hours, one 25."""
    if trigger.fired_at is None:
        return None
    days, hours = divmod(trigger.cool_down_hours, 24)
    fired = trigger.fired_at.replace(second=0, microsecond=0)
    if not days:
        return fired + timedelta(hours=hours)
    # Started right after the hour that is left out, it was meant for a time within.
    meant = min(_wall(fired), _wall(fired - _MINUTE) + _MINUTE) + days * _DAY
    return meant.replace(tzinfo=clock_zone()).astimezone(UTC) + timedelta(hours=hours)


def fired_for(look: Look, at: datetime) -> datetime:
    """From when it cools down: the moment, unless that was served late."""
    is_near = look.moment and timedelta() <= at - look.moment <= LATE
    return look.moment if look.moment and is_near else at


def day(at: datetime) -> tuple[datetime, datetime]:
    """The clock's day about a moment: its begin and its end."""
    zone = clock_zone()
    begin = datetime.combine(at.astimezone(zone).date(), time(), zone)
    return begin.astimezone(UTC), (begin + _DAY).astimezone(UTC)


def _wall(at: datetime) -> datetime:
    """What the clock shows."""
    return at.astimezone(clock_zone()).replace(tzinfo=None)


def _served(trigger: Trigger, at: datetime) -> datetime:
    """Up to when all moments have been served."""
    looks = trigger.decisions.filter(outcome__in=_SERVED)
    last = looks.order_by("last_at").values_list("last_at", flat=True).last()
    known = max(trigger.since, last) if last else trigger.since
    if known - at <= timedelta(hours=trigger.cool_down_hours):
        return known
    # By a clock that went wrong by days, and is right again: from here on.
    return min(at, trigger.evaluated_at or at)
