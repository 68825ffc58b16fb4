"""A moment that a person wanted left out: its line is started, and does nothing."""

from datetime import datetime, timedelta

from monitor import people
from monitor.clock.cron import clock_zone, occurrences
from monitor.models import Job, Skip


def left_out(slug: str, at: datetime) -> str:
    """Who wanted the moment left out that a start at this time is for, and why."""
    job = Job.objects.get(slug=slug)
    since = at - timedelta(seconds=job.start_within)
    skips = Skip.objects.filter(job=slug, slot__gt=since, slot__lte=at)
    skip = skips.order_by("slot").last()
    # With another moment since then, it is for that one.
    if skip is None or any(occurrences(job.cron, skip.slot, at, clock_zone())):
        return ""
    words = f"Left out by {people.names([skip]).get(skip.who, 'somebody')}"
    return f"{words}: {skip.reason}" if skip.reason else f"{words}."
