"""Keep many readings at once: most are what they were a minute ago."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Value, When

from monitor.checks.store import store
from monitor.models import Check
from monitor.probes.reading import Reading

# A dead clock explains what it did not start.
DEPENDS = ("clock",)
# Of one transaction; each is a row, or three.
_AT_ONCE = 200


def keep(readings: Mapping[str, Reading], at: datetime) -> None:
    """Keep how each job is, and forget those that are none any more."""
    checks = Check.objects.filter(kind=Check.Kind.JOB)
    known = {check.slug.removeprefix("job-"): check for check in checks}
    same = [slug for slug in readings if _is_same(known.get(slug), readings[slug], at)]
    answered = When(asked_at__lte=at, then=Value(None))
    checks.filter(pk__in=[known[slug].pk for slug in same]).update(
        looked_at=at, asked_at=Case(answered, default=F("asked_at"))
    )
    changed = sorted(readings.keys() - set(same))
    for first in range(0, len(changed), _AT_ONCE):
        with transaction.atomic():
            for slug in changed[first : first + _AT_ONCE]:
                one = readings[slug]
                store(f"job-{slug}", Check.Kind.JOB, slug, one, DEPENDS, at)
    gone = known.keys() - readings.keys()
    checks.filter(pk__in=[known[slug].pk for slug in gone]).delete()


def _is_same(check: Check | None, reading: Reading, at: datetime) -> bool:
    if check is None or check.looked_at is None or check.looked_at > at:
        return False
    found = (check.state, check.summary, check.detail)
    return found == (reading.state, reading.summary, reading.detail)
