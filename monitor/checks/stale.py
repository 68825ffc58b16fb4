"""When a reading is too old to be believed."""

from datetime import datetime, timedelta

from django.conf import settings

from monitor.models import Check

# The tick looks each minute; so many missed looks are no accident.
STALE = timedelta(minutes=3)


def is_stale(check: Check, at: datetime) -> bool:
    """Whether nobody has looked for so long that things may be otherwise now."""
    deadline = timedelta(seconds=settings.PULSAR.monitor.deadline_seconds)
    return at - (check.looked_at or check.since) > STALE + deadline
